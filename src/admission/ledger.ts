import type { Booking } from './booking.ts'
import { Line } from './line.ts'

/** Bookings that the ratio of those who came remembers. */
const MEMORY = 32
/** So that a few who come after many who did not still find room. */
const LEAST_SHOW_UP = 0.1
/** Booked at once, over what the engine gets through; the rest is for new arrivals and for what was promised in vain. */
const BOOKED_PART = 0.85

/** One tenant's bookings. */
export class Ledger {
  size = 0
  /** Tokens of bookings about due, as many as will likely come. */
  held = 0
  /** Early requests that were told the time of a booking which is perhaps another's. */
  shared = 0
  #showUp = 1
  readonly #line = new Line()
  readonly #makeUpLine = new Line()
  readonly #first = new Map<string, Booking>()

  /** The part of due bookings that came lately; 1 at first, never below 0.1. */
  get showUp(): number {
    return Math.max(this.#showUp, LEAST_SHOW_UP)
  }

  /** The booking of this name that is due first. */
  find(fingerprint: string): Booking | undefined {
    return this.#first.get(fingerprint)
  }

  /**
   * Stands in line: returns the milliseconds until the engine will have got through `work` and all that was booked
   * before, at `tokensPerMs` for this tenant; undefined, and not in line, when that is more than `most`. Where only a
   * part of those booked come, more are booked for the same time.
   */
  join(work: number, tokensPerMs: number, now: number, least: number, most: number): number | undefined {
    return this.#line.join((work * this.showUp) / (BOOKED_PART * tokensPerMs), now, least, most)
  }

  /** As {@link join}, for who was refused at its booked time: soon, in what is left of the engine. */
  makeUp(work: number, tokensPerMs: number, now: number, least: number, most: number): number | undefined {
    return this.#makeUpLine.join(work / ((1 - BOOKED_PART) * tokensPerMs), now, least, most)
  }

  /** A due booking came, or did not. */
  came(did: boolean): void {
    this.#showUp += ((did ? 1 : 0) - this.#showUp) / MEMORY
  }

  /** Equal ones are linked in the order in which they are due, the first knows the last. */
  add(booking: Booking): void {
    this.size++
    const first = this.#first.get(booking.fingerprint)
    if (first === undefined || booking.dueAt < first.dueAt) {
      booking.next = first
      booking.last = first?.last ?? booking
      this.#first.set(booking.fingerprint, booking)
      return
    }
    let before = first.last.dueAt <= booking.dueAt ? first.last : first
    while (before.next !== undefined && before.next.dueAt <= booking.dueAt) before = before.next
    booking.next = before.next
    before.next = booking
    if (booking.next === undefined) first.last = booking
  }

  /** Takes out the first of this name. */
  removeFirst(booking: Booking): void {
    this.size--
    this.shared -= booking.shared
    const { next } = booking
    if (next === undefined) this.#first.delete(booking.fingerprint)
    else {
      next.last = booking.last
      this.#first.set(booking.fingerprint, next)
    }
    booking.next = undefined
  }
}
