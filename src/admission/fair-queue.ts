import { Heap } from './heap.ts'
import type { Lane } from './lane.ts'
import { type Visit, Wait } from './visit.ts'

/**
 * Who of a class is next: the Virtual Token Counter of Sheng et al., "Fairness in Serving Large Language Models", OSDI
 * 2024. Each tenant has a counter of what it was given; among those who wait and may run, the one with the least is
 * next. Within a tenant: priority, then arrival.
 */
export class FairQueue {
  /** Those who wait and may run. */
  readonly #ready = new Heap<Lane>()
  /** The same, by when their next came. */
  readonly #oldest = new Heap<Lane>()
  /** All who wait, the one with the most work for its weight first. */
  readonly #largest = new Heap<Lane>()
  #size = 0
  #tokens = 0
  #arrivals = 0

  /** Requests. */
  get size(): number {
    return this.#size
  }

  /** Prompt and expected output tokens of all requests. */
  get tokens(): number {
    return this.#tokens
  }

  /** Whether somebody waits for the engine, and not for an earlier request of its own. */
  get isReady(): boolean {
    return this.#ready.size > 0
  }

  push(visit: Visit): Wait {
    const { lane, request } = visit
    const arrival = ++this.#arrivals
    visit.state = 'waiting'
    const wait = new Wait(visit)
    visit.wait = wait
    lane.waiting.put(wait.order, request.priority, arrival)
    lane.newest.put(wait.newest, visit.booked ? 1 : 0, -arrival)
    this.#add(lane, visit.work, 1)
    return wait
  }

  next(): Visit | undefined {
    return this.#ready.first?.waiting.first
  }

  /** Of those who are next in their lanes, the one that came first. */
  oldest(): Visit | undefined {
    return this.#oldest.first?.waiting.first
  }

  /** The lane with the most waiting work for its weight. */
  largest(): Lane | undefined {
    return this.#largest.first
  }

  /** The visit stays where it was otherwise: the caller says what becomes of it. */
  remove(visit: Visit): void {
    const { lane, wait } = visit
    lane.waiting.remove(wait!.order)
    lane.newest.remove(wait!.newest)
    visit.wait = undefined
    this.#add(lane, -visit.work, -1)
  }

  /** After a change of the tenant's counter. */
  recount({ ready, tenant }: Lane): void {
    if (ready.index >= 0) this.#ready.put(ready, tenant.counter)
  }

  /** After a change of the tenant's limits, or of how much it runs. */
  refresh(lane: Lane): void {
    const { tenant, waiting } = lane
    if (waiting.size === 0) this.#largest.remove(lane.largest)
    else this.#largest.put(lane.largest, -lane.waitingTokens / tenant.weight)
    if (waiting.size === 0 || tenant.isBlocked) {
      this.#ready.remove(lane.ready)
      this.#oldest.remove(lane.oldest)
      return
    }
    this.#oldest.put(lane.oldest, waiting.first!.arrivedAt)
    // Among equals, the one that began to wait first.
    if (lane.ready.index < 0) this.#ready.put(lane.ready, tenant.counter, this.#arrivals)
  }

  #add(lane: Lane, tokens: number, requests: number): void {
    this.#size += requests
    this.#tokens += tokens
    lane.waitingTokens += tokens
    this.refresh(lane)
  }
}
