import type { Clock } from '../clock/index.ts'
import type { Engine, Input, TokenizeOptions } from '../engine/index.ts'
import type { Family, Logger } from '../telemetry/index.ts'
import type { PolicyName } from './policy/policy.ts'
import type { UpstreamPhase, UpstreamSpec } from './upstream.ts'

/** A name that clients may ask for. */
export interface ModelRoute {
  readonly name: string
  readonly aliases?: readonly string[]
  /** Which upstreams serve it, by their names, and in which proportion; without `weight`, all alike. */
  readonly upstreams: readonly { readonly name: string; readonly weight?: number }[]
  /** Models that answer in its stead while none of its own upstreams can, in this order. */
  readonly fallbacks?: readonly string[]
}

/** What is told of upstreams and models, as a file may hold it. */
export interface RoutingTable {
  readonly upstreams: readonly UpstreamSpec[]
  /** Default: each model that the upstreams say they serve, at those that serve it. */
  readonly models?: readonly ModelRoute[]
}

export interface RouterOptions extends RoutingTable {
  readonly open: (spec: UpstreamSpec) => Promise<Engine>
  /** Default `power-of-two`. */
  readonly policy?: PolicyName
  /** The vocabulary of the model, where it is known: then blocks are hashed as the engine itself hashes them. */
  readonly tokenizer?: PromptTokenizer
  /** How often a request is sent to another engine after one failed it before its first token. Default 2. */
  readonly retries?: number
  /** Whether an answer that breaks off is gone on with elsewhere. Default true. */
  readonly failover?: boolean
  /** Without a first token for so long, another engine is asked as well, and the first to answer is taken. Default: never. */
  readonly hedgeAfterMs?: number
  /** An engine that owes a first token for so long is given up. Default 120 000. */
  readonly firstTokenTimeoutMs?: number
  /** An engine that has begun and is silent for so long is given up. Default 30 000. */
  readonly stallTimeoutMs?: number
  readonly breaker?: BreakerOptions
  readonly health?: HealthOptions
  readonly clock?: Clock
  /** Of all choices by chance. Default: drawn. */
  readonly seed?: number
  readonly logger?: Logger
}

/** When an engine that fails is left alone. The defaults are those of Envoy's outlier detection, shortened. */
export interface BreakerOptions {
  /** Failures in a row. Default 5. */
  readonly failures?: number
  /** The first time that it is left alone, in ms; doubles each time up to 16 ×. Default 1000. */
  readonly openMs?: number
  /** Requests that must succeed, one at a time, before it is trusted again. Default 2. */
  readonly successes?: number
}

export interface HealthOptions {
  /** Between two looks, in ms. Default 1000. */
  readonly intervalMs?: number
  /** Looks in a row that must find it ill, or well. Defaults 2 and 1. */
  readonly ill?: number
  readonly well?: number
}

export interface PromptTokenizer {
  /** May throw a TooManyTokensError rather than read on beyond the limit. */
  encode(input: Input, options?: TokenizeOptions): readonly number[]
}

export interface UpstreamStatus {
  readonly name: string
  readonly url: string
  readonly phase: UpstreamPhase
  /** Why it is not ready. */
  readonly reason?: string
  readonly model: string | undefined
  readonly requests: number
  readonly tokens: number
}

/** Many engines as one. */
export interface Router extends Engine {
  upstreams(): readonly UpstreamStatus[]
  /** What is new is opened; what is gone gets no more requests and is closed when its last has ended. */
  reload(table: RoutingTable): void
  /** What `/metrics` tells of it. */
  readonly families: readonly Family[]
}
