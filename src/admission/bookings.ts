import { Booking } from './booking.ts'
import { Heap } from './heap.ts'
import type { Lane } from './lane.ts'
import { PRIORITY_CLASSES } from './priority-class.ts'

/** Bookings of all tenants. */
const MOST_BOOKINGS = 65_536
/** One tenant may have so many times what is free, so that there is always room for another's. */
const MOST_OF_FREE = 8
/** Clocks and timers differ: who comes so much too early is on time. */
const EARLY_MS = 50
/** Times are told in whole seconds where they travel as Retry-After, and the way takes a while. */
const HELD_LATE_MS = 1500
const GRACE_MS = 5000
/** Of a tenant's bookings, 1 in so many may be told to an early request that is perhaps another. */
const SHARED_PART = 16

/**
 * What was promised to refused requests. A booking keeps room from new arrivals from shortly before it is due (so that
 * the queue has drained by as much) until shortly after; until 5 s after, who comes still goes before new ones.
 */
export class Bookings {
  /** By when something next happens to them. */
  readonly #next = new Heap<Booking>()
  /** By the rank of the class. */
  readonly #held = new Float64Array(PRIORITY_CLASSES.length)

  get size(): number {
    return this.#next.size
  }

  /** Tokens of bookings about due, as many as will likely come. */
  get held(): number {
    return this.heldUpTo(this.#held.length - 1)
  }

  /** The same, of this class and those above it. */
  heldUpTo(rank: number): number {
    let held = 0
    for (let i = 0; i <= rank; i++) held += this.#held[i]!
    return held
  }

  /** Brings them up to date. */
  advance(now: number): void {
    while (this.#next.firstKey <= now) {
      const booking = this.#next.first!
      if (booking.stage === 'ahead') this.#hold(booking)
      else if (booking.stage === 'held') this.#release(booking)
      else {
        this.remove(booking)
        booking.lane.ledger.came(false)
      }
    }
  }

  hasRoomFor({ ledger }: Lane): boolean {
    return ledger.size < MOST_OF_FREE * (MOST_BOOKINGS - this.size)
  }

  /** Room is held from `leadMs` before. */
  add(lane: Lane, fingerprint: string, work: number, dueAt: number, leadMs: number): void {
    const booking = new Booking(lane, fingerprint, work, dueAt)
    lane.ledger.add(booking)
    this.#next.put(booking.entry, dueAt - leadMs)
  }

  isDue(booking: Booking, now: number): boolean {
    return booking.dueAt - EARLY_MS <= now
  }

  /** Whether an early request that is perhaps another may be told the same time. Counts it, if so. */
  share(booking: Booking): boolean {
    const { ledger } = booking.lane
    if (ledger.shared >= Math.max(1, Math.floor(ledger.size / SHARED_PART))) return false
    ledger.shared++
    booking.shared++
    return true
  }

  /** It came back. */
  redeem(booking: Booking): void {
    this.remove(booking)
    booking.lane.ledger.came(true)
  }

  /** Must be the first of its name. */
  remove(booking: Booking): void {
    if (booking.stage === 'held') this.#release(booking)
    this.#next.remove(booking.entry)
    booking.lane.ledger.removeFirst(booking)
  }

  #hold(booking: Booking): void {
    const { ledger, priorityClass } = booking.lane
    booking.stage = 'held'
    // Whole tokens, so that sums return to 0.
    booking.held = Math.ceil(booking.work * ledger.showUp)
    ledger.held += booking.held
    this.#held[priorityClass.rank]! += booking.held
    this.#next.put(booking.entry, booking.dueAt + HELD_LATE_MS)
  }

  #release(booking: Booking): void {
    const { ledger, priorityClass } = booking.lane
    booking.stage = 'late'
    ledger.held -= booking.held
    this.#held[priorityClass.rank]! -= booking.held
    this.#next.put(booking.entry, booking.dueAt + GRACE_MS)
  }
}
