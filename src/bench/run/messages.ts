import type { EngineInfo } from '../../engine/index.ts'
import type { CarriedError } from './carried-error.ts'
import type { Told } from './client.ts'
import type { Share } from './load-loop.ts'
import type { RunSpec } from './run.ts'
import type { VitalSigns } from './vitals.ts'

/** What crosses between a run's own process and its clients'. Everything is plain data. */

export type ToClient =
  /** Comes once, first. */
  | { readonly type: 'open'; readonly spec: RunSpec; readonly runId: string; readonly share: Share }
  /** The run's start, on the machine's clock. */
  | { readonly type: 'go'; readonly startMs: number }
  /** All clients have warmed up: what counts begins at this time of the run. */
  | { readonly type: 'measure-from'; readonly ms: number }
  | { readonly type: 'stop' }

export type FromClient =
  | { readonly type: 'ready'; readonly info: EngineInfo }
  /** It could not open the target or the work, or something broke that nobody foresaw: the last of its messages. */
  | { readonly type: 'failed'; readonly error: CarriedError }
  | { readonly type: 'warm' }
  /** All of its requests that count have ended. */
  | { readonly type: 'measured' }
  /** Several times a second. */
  | ({ readonly type: 'told' } & Told & { readonly vitals: VitalSigns })
  /** Nothing is under way any more, and all of it was told: the last of its messages. */
  | { readonly type: 'over' }
