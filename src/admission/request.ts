import type { PriorityClass } from './priority-class.ts'

/** Who asks. Its state is kept under its name; the limits are those of its latest request, so keys can be reloaded. */
export interface Tenant {
  readonly name: string
  readonly limits: TenantLimits
}

/** What is left out is not limited. */
export interface TenantLimits {
  /** Requests in the engine at once, at least 1; more of them wait. */
  readonly concurrency?: number
  /** Prompt and output tokens, over a sliding minute. */
  readonly tokensPerMinute?: number
  /** Its part of the queue's bound, 0…1; default 1. With 0 its requests start at once or are refused. */
  readonly queueShare?: number
  /** Of its share of the engine, above 0; default 1. Tenants who wait are served in proportion to their weights. */
  readonly weight?: number
}

export interface AdmissionRequest {
  readonly tenant: Tenant
  readonly promptTokens: number
  /** The most that may come, over all its sequences. */
  readonly outputTokens: number
  readonly sequences: number
  /** Higher classes go first. Default: `default`. */
  readonly priorityClass?: PriorityClass
  /** Lower starts earlier, among requests of the same tenant and class. */
  readonly priority: number
  /** Milliseconds from now within which the whole answer must be there; default: no such limit. */
  readonly deadlineMs?: number
  /**
   * Names the request, so that it is known when it comes back after a refusal; called only when that matters. Requests
   * that name themselves alike share their bookings. Default: nothing is booked.
   */
  readonly fingerprint?: () => string
  /**
   * Whether the client says that it was refused before. Default, unknown: a request that comes before its booked time
   * may be another one that is like it, and is then seldom told the same time again.
   */
  readonly returning?: boolean
}

/** What the engine can take, as of now; `Infinity` where unknown. */
export interface Capacity {
  /** Sequences that it computes at once. */
  readonly sequences: number
  /** Tokens of its KV cache that nobody holds. */
  readonly kvTokensFree: number
}

export type Outcome = 'completed' | 'cancelled' | 'failed'

/** One request's place: in the queue, then in the engine. */
export interface Place {
  /**
   * Fulfilled when it may start; undefined when it may at once.
   * Rejects with OverloadedError when it is pushed out, DeadlineExceededError when its deadline passes, AbortedError
   * when it leaves; nobody has to listen.
   */
  readonly turn: Promise<void> | undefined
  /** Milliseconds in the queue, so far or in all. */
  readonly waitedMs: number
  /** Its prompt was processed, or is about to be; `cachedTokens` of it lay in the prefix cache. */
  started(cachedTokens: number): void
  /** So many more tokens came, over all its sequences. */
  generated(tokens: number): void
  /** It is over. Idempotent; gives up its place if it waits. */
  leave(outcome: Outcome): void
}
