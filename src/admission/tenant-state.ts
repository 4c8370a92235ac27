import type { ClassState } from './class-state.ts'
import { Lane } from './lane.ts'
import type { TenantLimits } from './request.ts'
import { TokenBucket } from './token-bucket.ts'

/** What is kept of one tenant. */
export class TenantState {
  weight = 1
  concurrency = Number.POSITIVE_INFINITY
  queueShare = 1
  bucket: TokenBucket | undefined
  /** What it was given in all classes, as virtual tokens over its weight: the tenant with the least is next. */
  counter = 0
  readonly #lanes: Lane[] = []
  #limits: TenantLimits | undefined

  constructor(readonly name: string) {}

  /** One for each class that it has sent something of. */
  get lanes(): readonly Lane[] {
    return this.#lanes
  }

  laneOf(priorityClass: ClassState, now: number): Lane {
    let lane = this.#lanes.find(lane => lane.priorityClass === priorityClass)
    if (lane === undefined) {
      lane = new Lane(this, priorityClass, now)
      this.#lanes.push(lane)
    }
    return lane
  }

  get isWaiting(): boolean {
    return this.#lanes.some(({ waiting }) => waiting.size > 0)
  }

  /** Its requests wait for each other, not for the engine. */
  get isBlocked(): boolean {
    return this.running >= this.concurrency
  }

  /** Requests in the engine. */
  get running(): number {
    let running = 0
    for (const lane of this.#lanes) running += lane.running
    return running
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
      this.#lanes.every(({ isActive, ledger }) => !isActive && ledger.size === 0) &&
      this.counter <= counterOfNew &&
      (this.bucket === undefined || this.bucket.isFull(now))
    )
  }
}
