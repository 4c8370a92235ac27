import type { EngineInfo } from '../../engine/index.ts'
import type { OpenOptions } from '../../targets.ts'
import type { LoadSpec } from '../load/load.ts'
import type { Phase, RequestRecord } from '../record/request-record.ts'
import type { WorkSpec } from '../work/work.ts'

/** Everything that decides what a run does. Plain data. */
export interface RunSpec {
  /** As `openTarget` takes it, with what else it takes. */
  readonly target: string
  readonly open?: Omit<OpenOptions, 'onProgress'>
  readonly work: WorkSpec
  readonly load: LoadSpec
  /** Arrivals, lengths and prompts follow from it. */
  readonly seed: number
  /** Before anything counts: requests, or seconds. */
  readonly warmUp: Extent
  /** What counts. */
  readonly measure: Extent
  /** Processes that make the load; a target that computes in process has one. Default: what the machine and the load call for. */
  readonly processes?: number
  /** After so long a request is given up and counts as failed. Default 10 minutes. */
  readonly requestTimeoutMs?: number
  /** Ask the target where each request's time went. Default: where it can tell. */
  readonly timeline?: boolean
}

export type Extent = { readonly requests: number } | { readonly seconds: number }

/** What a run gave. */
export interface RunResult {
  readonly spec: RunSpec
  readonly info: EngineInfo
  /** ISO 8601. */
  readonly startedAt: string
  /** The run's start on the machine's monotonic clock (`process.hrtime`), in ms: what was watched beside the run is joined by it. */
  readonly clockStartMs?: number
  /** From the first measured request's due time to the end of the measured part, in ms of the run. */
  readonly window: { readonly fromMs: number; readonly toMs: number }
  /** In order of `dueMs`. */
  readonly records: readonly RequestRecord[]
  readonly client: ClientHealth
  /** Ended before its time: a signal, or a target that is gone. What was measured by then is here. */
  readonly cutShort: string | null
}

/** How the client fared: whether what was measured is the target's or the client's own. Of the measured part. */
export interface ClientHealth {
  readonly processes: number
  /** Of the busiest process: the share of a core that it used, 0…1. */
  readonly cpu: number
  /** `sentMs − dueMs` of an open loop; what a `maxInFlight` held back counts apart. In ms. */
  readonly sendLag: Lag
  /** How late timers of the event loop came, of all processes. In ms. */
  readonly loopLag: Lag
  /** Of all processes: how long garbage was collected, and the longest single pause. In ms. */
  readonly gcMs: number
  readonly longestGcMs: number
  /** Requests that were due in the measured part and were not sent by its end. */
  readonly unsent: number
}

export interface Lag {
  readonly p50: number
  readonly p99: number
  readonly max: number
}

/** How far a run has come; told several times a second. */
export interface RunProgress {
  readonly phase: Phase | 'opening'
  readonly elapsedMs: number
  /** 0…1 of what was asked for, warm-up included. */
  readonly done: number
  readonly inFlight: number
  readonly completed: number
  readonly failed: number
  /** Over the last second or so. */
  readonly outputTokensPerSecond: number
  readonly requestsPerSecond: number
  /** Of those answered over the last second or so; null where none was. */
  readonly firstTokenMs: number | null
}
