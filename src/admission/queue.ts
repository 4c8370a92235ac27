import type { ClassState } from './class-state.ts'
import type { TenantState } from './tenant-state.ts'
import type { Visit, Wait } from './visit.ts'

/** Whoever is next, and the rank by which it is. */
export interface Next {
  readonly visit: Visit
  readonly rank: number
}

/**
 * All who wait: the highest class first, those who have waited long by the rank that they have come to. A tenant's
 * counter is one for all classes, so that nobody is given twice what others are by sending in two.
 *
 * A tenant that begins to wait is lifted to the counter of the tenant that was served last, which was the least of all:
 * so nobody saves up a claim while away, and nobody is behind for what it took while alone.
 */
export class Queue {
  #floor = 0

  constructor(private readonly classes: readonly ClassState[]) {}

  /** Requests. */
  get size(): number {
    return this.classes.reduce((sum, { queue }) => sum + queue.size, 0)
  }

  /** Prompt and expected output tokens of all requests. */
  get tokens(): number {
    return this.classes.reduce((sum, { queue }) => sum + queue.tokens, 0)
  }

  /** The counter at which a tenant begins. */
  get floor(): number {
    return this.#floor
  }

  /** Whether somebody waits for the engine, and not for an earlier request of its own. */
  get isReady(): boolean {
    return this.classes.some(({ queue }) => queue.isReady)
  }

  /** Whether nobody would be passed over by one of this class that started now. */
  isFreeFor({ rank }: ClassState, next: Next | undefined): boolean {
    if (next !== undefined && next.rank <= rank) return false
    return this.classes.every(({ queue }, i) => i > rank || !queue.isReady)
  }

  /**
   * Who is to start, of those for whom there is a slot. Whoever finds none holds up its class and those below it; higher
   * ones may have slots of their own. Those who rose to a rank have its slots, too.
   */
  next(now: number, hasSlot: (next: Next) => boolean): Next | undefined {
    let next: Next | undefined
    for (let below = this.classes.length; ; below = next.visit.lane.priorityClass.rank) {
      next = this.#first(below, now)
      if (next === undefined || hasSlot(next)) return next
    }
  }

  push(visit: Visit): Wait {
    const { tenant, priorityClass } = visit.lane
    if (!tenant.isWaiting) this.lift(tenant)
    return priorityClass.queue.push(visit)
  }

  /** Where a tenant of which nobody waits begins. */
  lift(tenant: TenantState): void {
    tenant.counter = Math.max(tenant.counter, this.#floor)
  }

  /** One of the tenant's requests is let into the engine, from the queue or past it. */
  serve(tenant: TenantState): void {
    this.#floor = Math.max(this.#floor, tenant.counter)
  }

  /** Counts virtual tokens; a negative number gives them back. */
  charge(tenant: TenantState, tokens: number): void {
    tenant.counter += tokens / tenant.weight
    for (const lane of tenant.lanes) lane.priorityClass.queue.recount(lane)
  }

  /** After a change of the tenant's limits, or of how much it runs. */
  refresh(tenant: TenantState): void {
    for (const lane of tenant.lanes) {
      lane.priorityClass.queue.refresh(lane)
      lane.priorityClass.active.refresh(lane)
    }
  }

  /** The first of the classes above the rank `below`. */
  #first(below: number, now: number): Next | undefined {
    let first: Next | undefined
    for (let rank = 0; rank < below; rank++) {
      const priorityClass = this.classes[rank]!
      const { queue } = priorityClass
      if (!queue.isReady) continue
      const oldest = queue.oldest()!
      const aged = priorityClass.rankOf(oldest.arrivedAt, now)
      // While no higher class waits, nobody has to be the oldest to be next.
      if (first === undefined) first = { visit: queue.next()!, rank: aged }
      else if (aged < first.rank || (aged === first.rank && oldest.arrivedAt < first.visit.arrivedAt))
        first = { visit: oldest, rank: aged }
    }
    return first
  }
}
