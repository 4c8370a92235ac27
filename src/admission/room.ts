import type { Bookings } from './bookings.ts'
import type { FairQueue } from './fair-queue.ts'
import type { TenantState } from './tenant-state.ts'

/** At most so much of the bound is kept for bookings… */
const MOST_HELD = 1 / 2
/** …and so much for one request that found no room. */
const MOST_NEEDED = 1 / 2
/** With each that is let in, so much of what was asked for in vain is still remembered. */
const REMEMBERED = 15 / 16

interface Question {
  readonly tenant: TenantState
  readonly work: number
  /** It came back at its booked time. */
  readonly booked: boolean
  /** Tokens that may wait. */
  readonly bound: number
  /** Of these, so many of the tenant's. */
  readonly part: number
  /** So many are the tenant's by right. */
  readonly fairPart: number
}

/** `push out`: others must give way first. `full` and `share`: it may not wait, for want of room or of its own part. */
export type Answer = 'room' | 'push out' | 'full' | 'share'

/**
 * Whether one more may wait. A tenant may always fill its fair part of the queue, at the expense of those who hold more
 * than theirs; beyond that, whoever comes first. New arrivals leave room for bookings that are about due.
 */
export class Room {
  constructor(
    private readonly queue: FairQueue,
    private readonly bookings: Bookings,
  ) {}

  ask(question: Question): Answer {
    const { tenant, work, booked } = question
    const answer = this.#answer(question)
    if (answer === 'full' || answer === 'share') tenant.needed = Math.max(tenant.needed, work)
    else if (!booked) tenant.needed *= REMEMBERED
    return answer
  }

  #answer({ tenant, work, booked, bound, part, fairPart }: Question): Answer {
    const heldOwn = booked ? 0 : Math.min(tenant.ledger.held, part * MOST_HELD)
    const held = booked ? 0 : Math.min(this.bookings.held, bound * MOST_HELD)
    // What larger ones asked for in vain is left free, or else small ones would take all the room.
    const room = booked ? work : Math.max(work, Math.min(tenant.needed, part * MOST_NEEDED))
    const own = tenant.waitingTokens + room + heldOwn
    const missing = this.queue.tokens + work - bound

    const isFirst = tenant.waiting.size === 0 && tenant.queueShare > 0 && heldOwn === 0
    if (part < bound && own > part && !isFirst) return 'share'
    if (fairPart < bound && own <= fairPart) return missing > 0 ? 'push out' : 'room'
    if (this.queue.size === 0 && held === 0) return 'room'
    if (this.queue.tokens + room + held <= bound) return 'room'
    // A request larger than a fair part may wait as well, when that leaves somebody else no less than it gets itself.
    const largest = this.queue.largest()
    const fits = largest !== undefined && (largest.waitingTokens - missing) / largest.weight >= work / tenant.weight
    return isFirst && missing > 0 && fits ? 'push out' : 'full'
  }
}
