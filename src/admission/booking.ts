import { HeapEntry } from './heap.ts'
import type { Lane } from './lane.ts'

/** A refused request's promise: to be taken in before new ones when it comes back at `dueAt`. */
export class Booking {
  readonly entry = new HeapEntry<Booking>(this)
  /** `held`: about due, so room is kept for it. `late`: its room is no longer kept, its precedence still is. */
  stage: 'ahead' | 'held' | 'late' = 'ahead'
  /** Tokens that are kept for it. */
  held = 0
  /** How often its time was told to early requests that are perhaps others. */
  shared = 0
  /** The next of the same name. */
  next: Booking | undefined
  /** The last of the same name; kept by the first. */
  last: Booking = this

  constructor(
    readonly lane: Lane,
    readonly fingerprint: string,
    readonly work: number,
    readonly dueAt: number,
  ) {}
}
