import type { Listed } from '../collections/index.ts'
import type { ClassState } from './class-state.ts'
import { DecayingRate } from './decaying-rate.ts'
import { Heap, HeapEntry } from './heap.ts'
import { Ledger } from './ledger.ts'
import { OutputLength } from './output-length.ts'
import type { TenantState } from './tenant-state.ts'
import type { Visit } from './visit.ts'

const SERVED_WINDOW_MS = 10_000

/** One tenant's requests of one class. */
export class Lane implements Listed {
  place = -1
  /** Requests in the engine. */
  running = 0
  /** By priority, then arrival. */
  readonly waiting = new Heap<Visit>()
  /** Without a booking before with one, then the newest first. */
  readonly newest = new Heap<Visit>()
  /** Prompt and expected output tokens of those who wait. */
  waitingTokens = 0
  /** Its tenant's weight while it is active; kept by {@link ActiveLanes}. */
  activeWeight = 0
  /** The part of the engine that it will likely want, 0…1; kept by {@link Pace}. */
  claim = 0
  /** The most tokens of room that were lately asked for in vain; kept by {@link Room}. */
  needed = 0
  /** Its places in the class's {@link FairQueue}. */
  readonly ready = new HeapEntry<Lane>(this)
  readonly oldest = new HeapEntry<Lane>(this)
  readonly largest = new HeapEntry<Lane>(this)
  readonly outputLength = new OutputLength()
  /** Prompt and output tokens that it was given. */
  readonly served: DecayingRate
  readonly ledger = new Ledger()

  constructor(
    readonly tenant: TenantState,
    readonly priorityClass: ClassState,
    now: number,
  ) {
    this.served = new DecayingRate(SERVED_WINDOW_MS, now)
  }

  get isActive(): boolean {
    return this.running > 0 || this.waiting.size > 0
  }
}
