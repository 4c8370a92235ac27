import type { Booking } from './booking.ts'
import type { Bookings } from './bookings.ts'
import type { Pace } from './pace.ts'
import type { Throughput } from './throughput.ts'
import type { Visit } from './visit.ts'

/** Nobody is told to come back later than this; whom the line is too long for is told this, and not booked. */
const HORIZON_MS = 600_000
/** Room for a booking is kept from at least so long before it is due… */
const SHORTEST_LEAD_MS = 1000
/** …and from so many times the time before that the engine needs for it. */
const LEAD = 2

/** What is left of sums of times. */
const ROUNDING_MS = 1e-3

/** When a refused request should come back, so that it is taken in then: its Retry-After. */
export class RetryAfter {
  constructor(
    private readonly bookings: Bookings,
    private readonly pace: Pace,
    private readonly throughput: Throughput,
    /** Nobody is told to come back later than in so long while the engine's pace is a guess. */
    private readonly guessedHorizonMs: number,
  ) {}

  /** Milliseconds. `booking`: that by which the request was known, if it was. */
  of(visit: Visit, booking: Booking | undefined, now: number): number {
    if (booking !== undefined && !visit.booked && (visit.request.returning || this.bookings.share(booking))) {
      return Math.ceil(booking.dueAt - now - ROUNDING_MS)
    }
    if (booking !== undefined && visit.booked) this.bookings.redeem(booking)
    const isKnown = this.throughput.known(now) !== undefined
    const most = isKnown ? HORIZON_MS : Math.min(HORIZON_MS, this.guessedHorizonMs)
    return this.#book(visit, now, most) ?? Math.min(most, this.#unbookedMs(visit, now))
  }

  /** What is told where nothing is promised. Nothing can be while higher classes take all of the engine. */
  #unbookedMs({ lane: { priorityClass } }: Visit, now: number): number {
    return this.pace.left(priorityClass, now) > 0 ? HORIZON_MS : priorityClass.options.ageingMs
  }

  #book({ lane, request, work, booked }: Visit, now: number, most: number): number | undefined {
    if (!this.bookings.hasRoomFor(lane)) return undefined
    const leadMs = Math.max(SHORTEST_LEAD_MS, (LEAD * work) / this.throughput.perMs(now))
    const tokensPerMs = this.pace.of(lane, now)
    const join = booked ? 'makeUp' : 'join'
    const waitMs = lane.ledger[join](work, tokensPerMs, now, leadMs, most)
    if (waitMs !== undefined && request.fingerprint !== undefined) {
      this.bookings.add(lane, request.fingerprint(), work, now + waitMs, leadMs)
    }
    return waitMs
  }
}
