import { type Clock, systemClock } from '../clock/index.ts'
import { AbortedError, DeadlineExceededError, OverloadedError } from '../engine/index.ts'
import type { Booking } from './booking.ts'
import { Bookings } from './bookings.ts'
import { type ClassSettings, newClasses } from './class-state.ts'
import { Deadlines } from './deadlines.ts'
import { RateLimitedError } from './errors.ts'
import { Gate } from './gate.ts'
import type { Lane } from './lane.ts'
import { Pace } from './pace.ts'
import { PRIORITY_CLASSES, type PriorityClass } from './priority-class.ts'
import { type Next, Queue } from './queue.ts'
import type { AdmissionRequest, Capacity, Outcome, Place } from './request.ts'
import { RetryAfter } from './retry-after.ts'
import { Room } from './room.ts'
import { type AdmissionSnapshot, type ClassSnapshot, newCounts } from './snapshot.ts'
import { Tenants } from './tenants.ts'
import { Throughput } from './throughput.ts'
import { Visit, type VisitHost } from './visit.ts'

export interface AdmissionOptions {
  /** Default: the system's. */
  readonly clock?: Clock
  /** Tokens that may wait: of prompts, and of outputs as many as are expected. */
  readonly queueTokens: number
  /** No more may wait than the engine gets through in so long, once its pace is known. */
  readonly queueTimeMs: number
  /** Read at each decision. */
  readonly capacity: () => Capacity
  /** What differs from the defaults of each class. */
  readonly classes?: ClassSettings
}

type Classes = Readonly<Record<PriorityClass, ClassSnapshot>>

/** An output token counts as two of a prompt, as in the paper: it costs the engine more. */
const OUTPUT_WEIGHT = 2
/** Output of a sequence of which nothing is known. */
const USUAL_OUTPUT = 256

const OVERLOADED = {
  full: 'the queue is full',
  class: 'the part of the queue for requests of this class is full',
  share: "the tenant's part of the queue is full",
  slow: 'the queue is too long for the deadline to be kept',
  'pushed out': 'the queue is full, and tenants with less in it came',
  displaced: 'the queue is full, and requests of a higher class came',
}

/**
 * Decides which request runs when, and which is refused. It stands between whoever takes requests and an engine,
 * touches neither, and goes by its clock alone.
 *
 * @example
 * const admission = new Admission({ queueTokens: 100_000, queueTimeMs: 10_000, capacity })
 * const place = admission.enter({ tenant, promptTokens: 12, outputTokens: 256, sequences: 1, priority: 0 })
 * if (place.turn) await place.turn
 * place.started(0)
 * place.generated(1)
 * place.leave('completed')
 */
export class Admission {
  readonly #clock: Clock
  readonly #options: AdmissionOptions
  readonly #gate: Gate
  readonly #throughput: Throughput
  readonly #classes: ReturnType<typeof newClasses>
  readonly #queue: Queue
  readonly #tenants = new Tenants(tenant => this.#queue.refresh(tenant))
  readonly #bookings = new Bookings()
  readonly #room: Room
  readonly #pace: Pace
  readonly #retryAfter: RetryAfter
  readonly #deadlines: Deadlines
  readonly #counts = newCounts()
  readonly #host: VisitHost = {
    now: () => this.#clock.now(),
    started: (visit, cachedTokens) => this.#started(visit, cachedTokens),
    generated: (visit, tokens) => this.#generated(visit, tokens),
    left: (visit, outcome) => this.#left(visit, outcome),
  }

  constructor(options: AdmissionOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#classes = newClasses(options.classes ?? {}, this.#clock.now())
    this.#queue = new Queue(this.#classes)
    this.#room = new Room(this.#classes, this.#bookings)
    this.#gate = new Gate(options.capacity, this.#classes)
    this.#throughput = new Throughput(this.#gate, options.queueTokens / options.queueTimeMs)
    this.#pace = new Pace(this.#classes, this.#throughput)
    this.#retryAfter = new RetryAfter(this.#bookings, this.#pace, this.#throughput, options.queueTimeMs)
    this.#deadlines = new Deadlines(this.#clock, visit => this.#expire(visit))
  }

  /** @throws OverloadedError and RateLimitedError, which say when to come back; DeadlineExceededError */
  enter(request: AdmissionRequest): Place {
    const now = this.#clock.now()
    const lane = this.#laneOf(request, now)
    const { tenant, priorityClass } = lane
    this.#bookings.advance(now)
    // The engine may have come to have room by itself.
    const next = this.#queue.isReady ? this.#dispatch(now) : undefined
    const booking = this.#bookingOf(lane, request)
    const booked = booking !== undefined && this.#bookings.isDue(booking, now)
    if (booked) this.#counts.returned++
    const visit = new Visit(this.#host, request, lane, expectedOutput(lane, request), now, booked)

    const isFree = this.#queue.isFreeFor(priorityClass, next) && !tenant.isBlocked
    const atOnce = isFree && this.#gate.hasSlot(request, priorityClass.rank, now) && this.#gate.hasMemory(request)
    const refusal = this.#refusal(visit, booking, atOnce, now)
    if (refusal !== undefined) {
      this.#counts.refused[refusal.code]++
      priorityClass.counts.refused++
      throw refusal
    }
    // An early one that does not say that it comes back may be another: the booking is left to its owner.
    if (booking !== undefined && (booked || request.returning)) this.#bookings.redeem(booking)
    this.#counts.accepted++
    priorityClass.counts.accepted++
    this.#takeTokens(visit, now)
    if (atOnce) this.#passQueue(visit, now)
    else this.#wait(visit, now)
    return visit
  }

  snapshot(): AdmissionSnapshot {
    const now = this.#clock.now()
    this.#bookings.advance(now)
    const tokensPerMs = this.#throughput.known(now)
    return {
      waiting: this.#queue.size,
      waitingTokens: this.#queue.tokens,
      waitingTokensBound: this.#bound(now),
      running: this.#gate.requests,
      runningSequences: this.#gate.sequences,
      tokensPerSecond: tokensPerMs === undefined ? undefined : tokensPerMs * 1000,
      bookings: this.#bookings.size,
      heldTokens: this.#bookings.held,
      counts: { ...this.#counts, refused: { ...this.#counts.refused } },
      classes: Object.fromEntries(this.#classes.map(one => [one.name, one.snapshot()])) as Classes,
    }
  }

  #laneOf({ tenant, priorityClass: name = 'default' }: AdmissionRequest, now: number): Lane {
    const priorityClass = this.#classes[PRIORITY_CLASSES.indexOf(name)]!
    priorityClass.seenAt = now
    return this.#tenants.of(tenant, this.#queue.floor, now).laneOf(priorityClass, now)
  }

  #bookingOf({ ledger }: Lane, { fingerprint, returning }: AdmissionRequest): Booking | undefined {
    if (ledger.size === 0 || fingerprint === undefined || returning === false) return undefined
    return ledger.find(fingerprint())
  }

  #refusal(visit: Visit, booking: Booking | undefined, atOnce: boolean, now: number) {
    const { bucket } = visit.lane.tenant
    const emptyMs = bucket?.waitMs(visit.work, now) ?? 0
    if (emptyMs > 0) {
      return new RateLimitedError(`the tenant's tokens of this minute are used up: ${comeBack(emptyMs)}`, emptyMs)
    }
    const slackMs = this.#slackMs(visit)
    if (slackMs < 0) {
      return new DeadlineExceededError('the answer would take longer than its deadline allows, even without a queue')
    }
    if (atOnce) return undefined
    const room = this.#waitMs(visit.lane, now) > slackMs ? 'slow' : this.#makeRoom(visit, now)
    return room === 'room' ? undefined : this.#overloaded(room, visit, booking, now)
  }

  #overloaded(reason: keyof typeof OVERLOADED, visit: Visit, booking: Booking | undefined, now: number) {
    if (visit.booked) this.#counts.refusedAgain++
    const retryAfterMs = this.#retryAfter.of(visit, booking, now)
    return new OverloadedError(`${OVERLOADED[reason]}: ${comeBack(retryAfterMs)}`, retryAfterMs)
  }

  /** Milliseconds that it could wait and still be answered by its deadline; `Infinity` where that is not known. */
  #slackMs({ request: { deadlineMs, sequences }, expectedOutput }: Visit): number {
    if (deadlineMs === undefined) return Number.POSITIVE_INFINITY
    if (deadlineMs <= 0) return -1
    const serviceMs = this.#throughput.times.expectedMs(expectedOutput / sequences)
    return serviceMs === undefined ? Number.POSITIVE_INFINITY : deadlineMs - serviceMs
  }

  /**
   * Until the tenant's next request of this class would start: when higher classes have, and then all of its class who
   * wait, or its own alone at its share of what is left of the engine.
   */
  #waitMs(lane: Lane, now: number): number {
    const { waitingTokens, priorityClass } = lane
    const { rank, queue, active } = priorityClass
    let tokens = Math.min(queue.tokens, waitingTokens / active.fairShare(lane))
    for (let i = 0; i < rank; i++) tokens += this.#classes[i]!.queue.tokens
    const left = this.#pace.left(priorityClass, now)
    return left > 0 ? tokens / left : Number.POSITIVE_INFINITY
  }

  #bound(now: number): number {
    const { queueTokens, queueTimeMs } = this.#options
    const tokensPerMs = this.#throughput.known(now)
    return tokensPerMs === undefined ? queueTokens : Math.min(queueTokens, tokensPerMs * queueTimeMs)
  }

  #makeRoom({ lane, work, booked }: Visit, now: number) {
    const bound = this.#bound(now)
    const inTime = this.#pace.of(lane, now) * this.#options.queueTimeMs
    const part = Math.min(lane.tenant.queueShare * bound, booked ? bound : inTime)
    const answer = this.#room.ask({ lane, work, booked, bound, part })
    if (answer !== 'room' && answer !== 'push out') return answer
    const { priorityClass } = lane
    let loser = this.#room.loser(priorityClass, work, bound)
    for (; loser !== undefined; loser = this.#room.loser(priorityClass, work, bound)) this.#pushOut(loser, lane, now)
    return 'room'
  }

  /** The newest of one lane gives way to another. */
  #pushOut({ newest, priorityClass }: Lane, to: Lane, now: number): void {
    const victim = newest.first!
    const reason = priorityClass === to.priorityClass ? 'pushed out' : 'displaced'
    const error = this.#overloaded(reason, victim, undefined, now)
    this.#counts.pushedOut++
    priorityClass.counts.pushedOut++
    this.#withdraw(victim, 'failed', error, now)
  }

  /** Nobody waits whom it would pass over, so nobody of its own tenant does, unless in a lower class. */
  #passQueue(visit: Visit, now: number): void {
    const { tenant } = visit.lane
    if (!tenant.isWaiting) this.#queue.lift(tenant)
    this.#start(visit, now)
    this.#throughput.rate.saturated(this.#gate.isFull, now)
  }

  #wait(visit: Visit, now: number): void {
    const { deadlineMs } = visit.request
    const wait = this.#queue.push(visit)
    visit.lane.priorityClass.active.refresh(visit.lane)
    if (deadlineMs !== undefined) this.#deadlines.add(visit, now + deadlineMs)
    this.#dispatch(now)
    if (visit.state === 'waiting') visit.turn = wait.promise()
  }

  /**
   * Lets in whom it is the turn of. Whoever is next and does not fit is waited for, so that nobody is passed over; it is
   * returned.
   */
  #dispatch(now: number): Next | undefined {
    let next = this.#next(now)
    for (; next !== undefined && this.#gate.hasMemory(next.visit.request); next = this.#next(now)) {
      const { visit } = next
      const wait = visit.wait!
      this.#deadlines.remove(visit)
      visit.lane.priorityClass.queue.remove(visit)
      this.#start(visit, now)
      wait.resolve?.()
    }
    this.#throughput.rate.saturated(this.#queue.isReady || this.#gate.isFull, now)
    return next
  }

  #next(now: number): Next | undefined {
    return this.#queue.next(now, ({ visit, rank }) => this.#gate.hasSlot(visit.request, rank, now))
  }

  #start(visit: Visit, now: number): void {
    const { lane, request, expectedOutput } = visit
    const { tenant, priorityClass } = lane
    visit.state = 'running'
    visit.admittedAt = now
    this.#gate.enter(request, priorityClass)
    this.#queue.serve(tenant)
    lane.running++
    this.#queue.refresh(tenant)
    visit.chargedOutput = expectedOutput
    this.#queue.charge(tenant, request.promptTokens + OUTPUT_WEIGHT * expectedOutput)
  }

  #started(visit: Visit, cachedTokens: number): void {
    const { lane, request } = visit
    const now = this.#clock.now()
    visit.startedAt = now
    visit.cachedTokens = cachedTokens
    this.#queue.charge(lane.tenant, -cachedTokens)
    this.#served(lane, request.promptTokens)
    this.#gate.started(request)
    this.#dispatch(now)
  }

  #generated(visit: Visit, tokens: number): void {
    visit.outputTokens += tokens
    this.#served(visit.lane, tokens)
    visit.lane.outputLength.generated(tokens)
    if (visit.outputTokens > visit.chargedOutput) this.#settleOutput(visit)
  }

  #served({ served, priorityClass }: Lane, tokens: number): void {
    this.#throughput.rate.add(tokens)
    served.add(tokens)
    priorityClass.served.add(tokens)
  }

  #settleOutput(visit: Visit): void {
    this.#queue.charge(visit.lane.tenant, OUTPUT_WEIGHT * (visit.outputTokens - visit.chargedOutput))
    visit.chargedOutput = visit.outputTokens
  }

  #left(visit: Visit, outcome: Outcome): void {
    const now = this.#clock.now()
    if (visit.state === 'waiting') this.#withdraw(visit, outcome, new AbortedError(), now)
    else this.#finish(visit, outcome, now)
    this.#dispatch(now)
  }

  #finish(visit: Visit, outcome: Outcome, now: number): void {
    const { lane, request, startedAt } = visit
    visit.state = 'over'
    this.#counts[outcome]++
    this.#gate.leave(request, lane.priorityClass, startedAt !== undefined)
    this.#settleOutput(visit)
    if (startedAt === undefined) this.#queue.charge(lane.tenant, -request.promptTokens)
    else if (outcome === 'completed') {
      const { admittedAt, outputTokens } = visit
      this.#throughput.completed(request, outputTokens, startedAt - admittedAt, now - admittedAt)
      lane.outputLength.ended(request.sequences)
    }
    lane.running--
    this.#queue.refresh(lane.tenant)
    this.#settleTokens(visit, now)
  }

  /** Ends what waits. */
  #withdraw(visit: Visit, outcome: Outcome, error: Error, now: number): void {
    const wait = visit.wait!
    this.#deadlines.remove(visit)
    const { lane } = visit
    lane.priorityClass.queue.remove(visit)
    lane.priorityClass.active.refresh(lane)
    visit.state = 'over'
    visit.admittedAt = now
    this.#counts[outcome]++
    this.#settleTokens(visit, now)
    wait.reject?.(error)
  }

  #expire(visit: Visit): void {
    const now = this.#clock.now()
    this.#counts.expired++
    const waited = seconds(now - visit.arrivedAt)
    this.#withdraw(visit, 'failed', new DeadlineExceededError(`the deadline passed after ${waited} in the queue`), now)
    this.#dispatch(now)
  }

  #takeTokens(visit: Visit, now: number): void {
    const { bucket } = visit.lane.tenant
    if (bucket === undefined) return
    visit.bucketTokens = visit.work
    bucket.take(visit.work, now)
  }

  /** What was taken in advance becomes what was used. */
  #settleTokens({ lane, request, bucketTokens, startedAt, outputTokens }: Visit, now: number): void {
    if (bucketTokens === 0) return
    const used = (startedAt === undefined ? 0 : request.promptTokens) + outputTokens
    lane.tenant.bucket?.giveBack(bucketTokens - used, now)
  }
}

function expectedOutput({ outputLength }: Lane, { outputTokens, sequences }: AdmissionRequest): number {
  return Math.min(outputTokens, Math.ceil((outputLength.mean ?? USUAL_OUTPUT) * sequences))
}

function comeBack(ms: number): string {
  return `come back in ${seconds(ms)}`
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
