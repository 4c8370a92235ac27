import { Heap } from './heap.ts'
import type { TenantState } from './tenant-state.ts'
import { type Visit, Wait } from './visit.ts'

/**
 * Who is next: the Virtual Token Counter of Sheng et al., "Fairness in Serving Large Language Models", OSDI 2024. Each
 * tenant has a counter of what it was given; among those who wait and may run, the one with the least is next. Within
 * a tenant: priority, then arrival.
 *
 * A tenant that begins to wait is lifted to the counter of the tenant that was served last, which was the least of all:
 * so nobody saves up a claim while away, and nobody is behind for what it took while alone.
 */
export class FairQueue {
  /** Those who wait and may run. */
  readonly #ready = new Heap<TenantState>()
  /** All who wait, the one with the most work for its weight first. */
  readonly #bulk = new Heap<TenantState>()
  #size = 0
  #tokens = 0
  #arrivals = 0
  #floor = 0

  /** Requests. */
  get size(): number {
    return this.#size
  }

  /** Prompt and expected output tokens of all requests. */
  get tokens(): number {
    return this.#tokens
  }

  /** The counter at which a tenant begins. */
  get floor(): number {
    return this.#floor
  }

  /** Whether somebody waits for the engine, and not for an earlier request of its own. */
  get isReady(): boolean {
    return this.#ready.size > 0
  }

  /** Where a tenant of which nobody waits begins. */
  lift(tenant: TenantState): void {
    tenant.counter = Math.max(tenant.counter, this.#floor)
  }

  push(visit: Visit): Wait {
    const { tenant, request } = visit
    const arrival = ++this.#arrivals
    if (tenant.waiting.size === 0) this.lift(tenant)
    visit.state = 'waiting'
    const wait = new Wait(visit)
    visit.wait = wait
    tenant.waiting.put(wait.order, request.priority, arrival)
    tenant.newest.put(wait.newest, visit.booked ? 1 : 0, -arrival)
    this.#add(tenant, visit.work, 1)
    return wait
  }

  next(): Visit | undefined {
    return this.#ready.first?.waiting.first
  }

  /** The tenant with the most waiting work for its weight. */
  largest(): TenantState | undefined {
    return this.#bulk.first
  }

  /** The visit stays where it was otherwise: the caller says what becomes of it. */
  remove(visit: Visit): void {
    const { tenant, wait } = visit
    tenant.waiting.remove(wait!.order)
    tenant.newest.remove(wait!.newest)
    visit.wait = undefined
    this.#add(tenant, -visit.work, -1)
  }

  /** One of the tenant's requests is let into the engine, from the queue or past it. */
  serve(tenant: TenantState): void {
    this.#floor = Math.max(this.#floor, tenant.counter)
  }

  /** Counts virtual tokens; a negative number gives them back. */
  charge(tenant: TenantState, tokens: number): void {
    tenant.counter += tokens / tenant.weight
    if (tenant.ready.index >= 0) this.#ready.put(tenant.ready, tenant.counter)
  }

  /** After a change of the tenant's limits, or of how much it runs. */
  refresh(tenant: TenantState): void {
    if (tenant.waiting.size === 0) {
      this.#ready.remove(tenant.ready)
      this.#bulk.remove(tenant.bulk)
      return
    }
    this.#bulk.put(tenant.bulk, -tenant.waitingTokens / tenant.weight)
    if (tenant.isBlocked) this.#ready.remove(tenant.ready)
    // Among equals, the one that began to wait first.
    else if (tenant.ready.index < 0) this.#ready.put(tenant.ready, tenant.counter, this.#arrivals)
  }

  #add(tenant: TenantState, tokens: number, requests: number): void {
    this.#size += requests
    this.#tokens += tokens
    tenant.waitingTokens += tokens
    this.refresh(tenant)
  }
}
