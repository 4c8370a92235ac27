import type { Bookings } from './bookings.ts'
import type { ClassState } from './class-state.ts'
import type { Lane } from './lane.ts'

/** At most so much of the bound is kept for bookings… */
const MOST_HELD = 1 / 2
/** …and so much for one request that found no room. */
const MOST_NEEDED = 1 / 2
/** With each that is let in, so much of what was asked for in vain is still remembered. */
const REMEMBERED = 15 / 16
/** Of the bound, so much of each class is left waiting when higher ones come, so that some grow old enough to be next. */
const LEFT_WAITING = 1 / 16

interface Question {
  readonly lane: Lane
  readonly work: number
  /** It came back at its booked time. */
  readonly booked: boolean
  /** Tokens that may wait. */
  readonly bound: number
  /** Of these, so many of the tenant's. */
  readonly part: number
}

/** `push out`: others must give way first. `full`, `class`, `share`: it may not wait, for want of room or of its own part. */
export type Answer = 'room' | 'push out' | 'full' | 'class' | 'share'

/**
 * Whether one more may wait. Lower classes give way to higher ones. Within a class, a tenant may always fill its fair
 * part of the queue, at the expense of those who hold more than theirs; beyond that, whoever comes first. New arrivals
 * leave room for bookings of their class and of higher ones that are about due.
 */
export class Room {
  constructor(
    private readonly classes: readonly ClassState[],
    private readonly bookings: Bookings,
  ) {}

  ask(question: Question): Answer {
    const { lane, work, booked } = question
    const answer = this.#answer(question)
    if (answer !== 'room' && answer !== 'push out') lane.needed = Math.max(lane.needed, work)
    else if (!booked) lane.needed *= REMEMBERED
    return answer
  }

  /**
   * Whose newest must go next, for `work` of this class to wait; undefined when nobody must. To be asked once
   * {@link ask} gave it room.
   */
  loser(priorityClass: ClassState, work: number, bound: number): Lane | undefined {
    const { rank, queue, options } = priorityClass
    const isOver = this.#tokens(0, this.classes.length) + work > bound
    const left = bound * LEFT_WAITING
    const lower = isOver ? this.classes.findLast(({ queue }, i) => i > rank && queue.tokens > left) : undefined
    if (lower !== undefined) return lower.queue.largest()
    if (queue.size > 0 && (isOver || queue.tokens + work > options.queueShare * bound)) return queue.largest()
    return isOver ? this.classes.findLast(({ queue }, i) => i > rank && queue.size > 0)?.queue.largest() : undefined
  }

  #answer({ lane, work, booked, bound, part }: Question): Answer {
    const { tenant, priorityClass } = lane
    const { rank, queue, options, active } = priorityClass
    const above = this.#tokens(0, rank)
    const left = bound * LEFT_WAITING
    let below = 0
    for (let i = rank + 1; i < this.classes.length; i++) below += Math.min(left, this.classes[i]!.queue.tokens)
    const others = above + below
    const most = Math.min(bound - others, options.queueShare * bound)
    const fairPart = active.fairShare(lane) * most

    const heldOwn = booked ? 0 : Math.min(lane.ledger.held, part * MOST_HELD)
    const held = booked ? 0 : Math.min(this.bookings.heldUpTo(rank), bound * MOST_HELD)
    // What larger ones asked for in vain is left free, or else small ones would take all the room.
    const room = booked ? work : Math.max(work, Math.min(lane.needed, part * MOST_NEEDED))
    const own = lane.waitingTokens + room + heldOwn
    const missing = queue.tokens + work - most

    const isFirst = lane.waiting.size === 0 && tenant.queueShare > 0 && heldOwn === 0
    // Where higher classes leave nothing of the engine, a class may still come to what it would be left with anyway.
    const isLeft = above > 0 && own <= Math.min(active.fairShare(lane) * left, tenant.queueShare * bound)
    if (isLeft && missing <= 0 && queue.tokens + work <= left) return 'room'
    if (part < bound && own > part && !isFirst) return 'share'
    const canPushOut = above === 0 || others + work <= bound
    if (fairPart < most && own <= fairPart && (missing <= 0 || canPushOut)) return missing > 0 ? 'push out' : 'room'
    if (above === 0 && queue.size === 0 && held === 0) return 'room'
    if (queue.tokens + room + held <= most) return 'room'
    // A request larger than a fair part may wait as well, when that leaves somebody else no less than it gets itself.
    const largest = queue.largest()
    const fits =
      largest !== undefined && (largest.waitingTokens - missing) / largest.tenant.weight >= work / tenant.weight
    if (isFirst && missing > 0 && canPushOut && fits) return 'push out'
    return most < bound - others ? 'class' : 'full'
  }

  /** Of those who wait, in the classes from one rank up to another without that. */
  #tokens(from: number, to: number): number {
    let tokens = 0
    for (let i = from; i < to; i++) tokens += this.classes[i]!.queue.tokens
    return tokens
  }
}
