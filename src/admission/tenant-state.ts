import type { Listed } from '../collections/index.ts'
import { DecayingRate } from './decaying-rate.ts'
import { Heap, HeapEntry } from './heap.ts'
import { Ledger } from './ledger.ts'
import { OutputLength } from './output-length.ts'
import type { TenantLimits } from './request.ts'
import { TokenBucket } from './token-bucket.ts'
import type { Visit } from './visit.ts'

const SERVED_WINDOW_MS = 10_000

/** What is kept of one tenant. */
export class TenantState implements Listed {
  place = -1
  weight = 1
  concurrency = Number.POSITIVE_INFINITY
  queueShare = 1
  bucket: TokenBucket | undefined
  /** What it was given, as virtual tokens over its weight: the tenant with the least is next. */
  counter = 0
  /** Requests in the engine. */
  running = 0
  /** By priority, then arrival. */
  readonly waiting = new Heap<Visit>()
  /** Without a booking before with one, then the newest first. */
  readonly newest = new Heap<Visit>()
  /** Prompt and expected output tokens of those who wait. */
  waitingTokens = 0
  /** Its weight while it is active; kept by {@link Tenants}. */
  activeWeight = 0
  /** The part of the engine that it will likely want, 0…1; kept by {@link Pace}. */
  claim = 0
  /** The most tokens of room that were lately asked for in vain; kept by {@link Room}. */
  needed = 0
  readonly ready = new HeapEntry<TenantState>(this)
  readonly bulk = new HeapEntry<TenantState>(this)
  readonly outputLength = new OutputLength()
  /** Prompt and output tokens that it was given. */
  readonly served: DecayingRate
  readonly ledger = new Ledger()
  #limits: TenantLimits | undefined

  constructor(
    readonly name: string,
    now: number,
  ) {
    this.served = new DecayingRate(SERVED_WINDOW_MS, now)
  }

  get isActive(): boolean {
    return this.running > 0 || this.waiting.size > 0
  }

  /** Its requests wait for each other, not for the engine. */
  get isBlocked(): boolean {
    return this.running >= this.concurrency
  }

  /** Whether they are others than before. */
  setLimits(limits: TenantLimits, now: number): boolean {
    if (limits === this.#limits) return false
    this.#limits = limits
    this.weight = limits.weight ?? 1
    this.concurrency = limits.concurrency ?? Number.POSITIVE_INFINITY
    this.queueShare = limits.queueShare ?? 1
    if (limits.tokensPerMinute === undefined) this.bucket = undefined
    else if (this.bucket === undefined) this.bucket = new TokenBucket(limits.tokensPerMinute, now)
    else this.bucket.resize(limits.tokensPerMinute, now)
    return true
  }

  /** Nothing is lost when it is forgotten, given the counter that a new tenant would begin at. */
  isAtRest(counterOfNew: number, now: number): boolean {
    return (
      !this.isActive &&
      this.ledger.size === 0 &&
      this.counter <= counterOfNew &&
      (this.bucket === undefined || this.bucket.isFull(now))
    )
  }
}
