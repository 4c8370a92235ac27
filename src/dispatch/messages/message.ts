import type { Input } from '../../engine/index.ts'
import type { JobAnswer } from '../job-result.ts'

/** A job as a rank gets it. */
export interface JobOrder {
  readonly job: number
  readonly attempt: number
  readonly input: Input
  /** Beat what the run says. */
  readonly maxTokens?: number
  readonly ignoreEos?: boolean
}

/** What a rank says of a job; the rest of a `JobResult` only rank 0 knows. Times in ms, on the rank's clock. */
export interface RankResult extends JobAnswer {
  readonly job: number
  readonly attempt: number
  /** From the order's arrival to the first token. */
  readonly ttftMs?: number
  /** From the order's arrival until this was said: what a job takes beside it, it takes on the way. */
  readonly heldMs: number
  /** Requests that the rank made of it. */
  readonly tries: number
}

/** What an executing rank says. */
export type ToLead =
  /** First of all. */
  | { readonly kind: 'hello'; readonly pid: number; readonly host: string; readonly version: string }
  /** The target is open; also once it has let go of everything after `again`. */
  | { readonly kind: 'ready'; readonly slots: number; readonly target: string; readonly device: string }
  /** The target cannot be opened: it takes no jobs. */
  | { readonly kind: 'refused'; readonly target: string; readonly code: string; readonly reason: string }
  | { readonly kind: 'results'; readonly results: readonly RankResult[] }
  | { readonly kind: 'beat'; readonly inFlight: number }
  /** Somebody wants all of this to end, and told this rank. */
  | { readonly kind: 'signal'; readonly signal: 'SIGINT' | 'SIGTERM' }
  /** Last of all. `lagP99Ms`: of its event loop. */
  | { readonly kind: 'bye'; readonly lagP99Ms: number }

/** What rank 0 says. */
export type ToWorker =
  /** In answer to `hello`: where it stands among the executing ranks of its host. */
  | { readonly kind: 'welcome'; readonly localWorker: number; readonly localWorkers: number }
  | { readonly kind: 'jobs'; readonly jobs: readonly JobOrder[] }
  | { readonly kind: 'beat' }
  /** It was silent for too long, and its jobs went elsewhere: let go of them and say `ready`. */
  | { readonly kind: 'again' }
  /** There are no more jobs. `together`: all ranks are there, so that they add up what they did. */
  | { readonly kind: 'finish'; readonly together: boolean }
