import type { EngineErrorCode, FinishReason, Timeline, Timings } from '../../engine/index.ts'

/**
 * Which part of a run a request belongs to, by when it was due. Closed loops hand their slots over from one to the next
 * without draining; only `measure` counts.
 */
export type Phase = 'warm-up' | 'measure' | 'cool-down'

/**
 * What is known of one request once it is over. All times are ms on the machine's monotonic clock, the same in every
 * process, from the run's start.
 */
export interface RequestRecord {
  /** Went to the target as its id: its logs and traces bear it. */
  readonly id: string
  /** The dialogue's, and the turn within it. */
  readonly index: number
  readonly turn: number
  readonly phase: Phase
  /**
   * When it should have gone out: an open loop's arrival; in a closed loop, when its slot became free. All latencies that
   * users feel count from here, so that a client or a target that stalls hides nothing.
   */
  readonly dueMs: number
  /** When it was handed to the engine. */
  readonly sentMs: number
  /** The target began to answer (the contract's `start`); null where it never did. */
  readonly startMs: number | null
  /** Its last event or its error. */
  readonly endMs: number
  /** When text arrived: one entry for each time that some did, of all choices together. */
  readonly arrivalsMs: Float64Array
  /** Tokens in each of these; where a target does not count them in the stream, its chunks. */
  readonly arrivalTokens: Uint32Array
  /** As the target counted; the client's own count where it does not. */
  readonly promptTokens: number
  readonly cachedTokens: number
  readonly outputTokens: number
  /** What was asked for, and had to come with `ignoreEos`. */
  readonly askedTokens: number
  readonly outcome: 'ok' | EngineErrorCode
  /** What went wrong, in the error's words. */
  readonly error?: string
  readonly finishReason?: FinishReason
  /** The target's own, where it tells. */
  readonly timings?: Timings
  readonly timeline?: Timeline
}
