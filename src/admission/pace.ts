import type { ClassState } from './class-state.ts'
import type { Lane } from './lane.ts'
import type { Throughput } from './throughput.ts'

/** A tenant is taken to want so many times what it gets, up to its fair part. */
const GROWTH = 1.2
/** Claims are looked at again after so long, as there are as many as tenants. */
const FRESH_MS = 100
/** Higher classes are taken to want so many times what they get. */
const GROWTH_ABOVE = 1.1
/** Where they leave less than this of the engine, nothing is promised: what is left is the error of the estimate. */
const LEAST_LEFT = 1 / 32

/** What the tenants of one class will likely want, and what higher classes leave to them. */
class Claims {
  /** Parts of what is left to the class, 0…1 each. */
  sum = 0
  /** Part of the engine, 0…1. */
  left = 1
  at = Number.NEGATIVE_INFINITY
}

/** How fast a single tenant's requests of a class are served, as far as that can be told. */
export class Pace {
  readonly #claims: readonly Claims[]

  constructor(
    private readonly classes: readonly ClassState[],
    private readonly throughput: Throughput,
  ) {
    this.#claims = classes.map(() => new Claims())
  }

  /**
   * Tokens per millisecond: of what higher classes leave of the engine, its fair part and what others of its class leave
   * of theirs, but no more than it may run at once. 0 where nothing is left.
   */
  of(lane: Lane, now: number): number {
    const { tenant, priorityClass } = lane
    const { sum, left } = this.#look(priorityClass, now)
    const fair = priorityClass.active.fairShare(lane)
    const share = Math.max(fair, 1 - Math.max(0, sum - lane.claim))
    const alone = this.throughput.times.throughput(tenant.concurrency) ?? Number.POSITIVE_INFINITY
    return Math.min(this.throughput.perMs(now) * left * share, alone)
  }

  /** Tokens per millisecond that higher classes leave to this one; 0 where that is nothing to count on. */
  left(priorityClass: ClassState, now: number): number {
    return this.throughput.perMs(now) * this.#look(priorityClass, now).left
  }

  #look({ rank, active }: ClassState, now: number): Claims {
    const claims = this.#claims[rank]!
    if (now - claims.at < FRESH_MS) return claims
    const engine = this.throughput.perMs(now)
    let above = 0
    for (let i = 0; i < rank; i++) above += this.classes[i]!.served.perMs(now)
    const left = above > 0 ? 1 - (GROWTH_ABOVE * above) / engine : 1
    claims.left = left < LEAST_LEFT ? 0 : left
    claims.sum = 0
    claims.at = now
    for (const lane of active.lanes) {
      const wanted = engine * claims.left > 0 ? (lane.served.perMs(now) / (engine * claims.left)) * GROWTH : 1
      lane.claim = Math.min(wanted, active.fairShare(lane))
      claims.sum += lane.claim
    }
    return claims
  }
}
