import type { EngineErrorCode } from '../../engine/index.ts'

/** A figure with its 95 % interval by a bootstrap of blocks: of requests, and of a rate, of time. None where there are too few. */
export interface Estimate {
  readonly value: number
  readonly low: number | null
  readonly high: number | null
}

/** All 0 of nothing. Percentiles are of type 7 (numpy's `linear`); one is null where fewer than 10 / (1 − q) samples stand behind it. */
export interface Distribution {
  readonly count: number
  readonly mean: Estimate
  readonly deviation: number
  readonly min: number
  readonly max: number
  readonly p50: Estimate | null
  readonly p90: Estimate | null
  readonly p95: Estimate | null
  readonly p99: Estimate | null
}

/** A bound that a request must keep to be good. `itl` is its mean gap, `gap` its largest. */
export interface Objective {
  readonly measure: 'ttft' | 'tpot' | 'itl' | 'gap' | 'e2e'
  readonly belowMs: number
}

/** What a run's measured part comes to. Latencies in ms, of requests that succeeded. */
export interface Measures {
  readonly requests: Requests
  readonly tokens: Tokens
  /** From the due time to the first text: what a user waits, queueing included. */
  readonly ttft: Distribution
  /** From the sending. */
  readonly ttftFromSent: Distribution
  /** (last − first) / (n − 1) of each request of at least two tokens that did not all arrive at once. */
  readonly tpot: Distribution
  /** Gaps between arrivals of text, of all requests in one pool. */
  readonly itl: Distribution
  /** The largest of each request. */
  readonly largestGap: Distribution
  /** From the due time to the end. */
  readonly e2e: Distribution
  /** From the due time to the sending. */
  readonly clientQueue: Distribution
  readonly goodput: Goodput | null
}

export interface Requests {
  /** Due in the measured part. */
  readonly offered: number
  readonly ok: number
  readonly failed: number
  readonly errors: Readonly<Partial<Record<EngineErrorCode, number>>>
  /** Words of the first error of each kind. */
  readonly examples: Readonly<Partial<Record<EngineErrorCode, string>>>
  /** Answered per second of the measured part, from its first due time to its last answer. */
  readonly perSecond: Estimate
  readonly seconds: number
}

export interface Tokens {
  readonly prompt: number
  readonly cached: number
  readonly output: number
  /** Output tokens, and prompt and output together, per second from the first due time to the last answer. */
  readonly outputPerSecond: Estimate
  readonly totalPerSecond: Estimate
  /** Output tokens that arrived between the measured part's beginning and its end, per second: without the tail. */
  readonly steadyPerSecond: number
  /** Arrivals that brought several tokens, and all arrivals. */
  readonly multiTokenArrivals: number
  readonly arrivals: number
  /** Requests whose answer was not as long as it was asked to be. */
  readonly oddLengths: number
}

export interface Goodput {
  readonly objectives: readonly Objective[]
  /** Requests that kept all of them, per second, and as a share of those offered: refusals and errors count as misses. */
  readonly perSecond: number
  readonly share: number
}
