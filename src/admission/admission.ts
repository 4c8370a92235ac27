import { type Clock, systemClock } from '../clock/index.ts'
import { AbortedError, DeadlineExceededError, OverloadedError } from '../engine/index.ts'
import type { Booking } from './booking.ts'
import { Bookings } from './bookings.ts'
import { Deadlines } from './deadlines.ts'
import { RateLimitedError } from './errors.ts'
import { FairQueue } from './fair-queue.ts'
import { Gate } from './gate.ts'
import { Pace } from './pace.ts'
import type { AdmissionRequest, Capacity, Outcome, Place } from './request.ts'
import { RetryAfter } from './retry-after.ts'
import { Room } from './room.ts'
import { type AdmissionSnapshot, newCounts } from './snapshot.ts'
import type { TenantState } from './tenant-state.ts'
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
}

/** An output token counts as two of a prompt, as in the paper: it costs the engine more. */
const OUTPUT_WEIGHT = 2
/** Output of a sequence of which nothing is known. */
const USUAL_OUTPUT = 256

const OVERLOADED = {
  full: 'the queue is full',
  share: "the tenant's part of the queue is full",
  slow: 'the queue is too long for the deadline to be kept',
  'pushed out': 'the queue is full, and tenants with less in it came',
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
  readonly #queue = new FairQueue()
  readonly #tenants = new Tenants(tenant => this.#queue.refresh(tenant))
  readonly #bookings = new Bookings()
  readonly #room = new Room(this.#queue, this.#bookings)
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
    this.#gate = new Gate(options.capacity)
    this.#throughput = new Throughput(this.#gate, options.queueTokens / options.queueTimeMs)
    this.#pace = new Pace(this.#tenants, this.#throughput)
    this.#retryAfter = new RetryAfter(this.#bookings, this.#pace, this.#throughput, options.queueTimeMs)
    this.#deadlines = new Deadlines(this.#clock, visit => this.#expire(visit))
  }

  /** @throws OverloadedError and RateLimitedError, which say when to come back; DeadlineExceededError */
  enter(request: AdmissionRequest): Place {
    const now = this.#clock.now()
    const tenant = this.#tenants.of(request.tenant, this.#queue.floor, now)
    this.#bookings.advance(now)
    // The engine may have come to have room by itself.
    if (this.#queue.isReady) this.#dispatch(now)
    const booking = this.#bookingOf(tenant, request)
    const booked = booking !== undefined && this.#bookings.isDue(booking, now)
    if (booked) this.#counts.returned++
    const visit = new Visit(this.#host, request, tenant, expectedOutput(tenant, request), now, booked)

    const atOnce = !this.#queue.isReady && !tenant.isBlocked && this.#gate.isOpenFor(request.promptTokens)
    const refusal = this.#refusal(visit, booking, atOnce, now)
    if (refusal !== undefined) {
      this.#counts.refused[refusal.code]++
      throw refusal
    }
    // An early one that does not say that it comes back may be another: the booking is left to its owner.
    if (booking !== undefined && (booked || request.returning)) this.#bookings.redeem(booking)
    this.#counts.accepted++
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
    }
  }

  #bookingOf(tenant: TenantState, { fingerprint, returning }: AdmissionRequest): Booking | undefined {
    if (tenant.ledger.size === 0 || fingerprint === undefined || returning === false) return undefined
    return tenant.ledger.find(fingerprint())
  }

  #refusal(visit: Visit, booking: Booking | undefined, atOnce: boolean, now: number) {
    const { bucket } = visit.tenant
    const emptyMs = bucket?.waitMs(visit.work, now) ?? 0
    if (emptyMs > 0) {
      return new RateLimitedError(`the tenant's tokens of this minute are used up: ${comeBack(emptyMs)}`, emptyMs)
    }
    const slackMs = this.#slackMs(visit)
    if (slackMs < 0) {
      return new DeadlineExceededError('the answer would take longer than its deadline allows, even without a queue')
    }
    if (atOnce) return undefined
    const room = this.#waitMs(visit.tenant, now) > slackMs ? 'slow' : this.#makeRoom(visit, now)
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

  /** Until the tenant's next request would start: when all who wait have, or its own alone at its share of the engine. */
  #waitMs(tenant: TenantState, now: number): number {
    const own = tenant.waitingTokens / this.#tenants.fairShare(tenant)
    return Math.min(this.#queue.tokens, own) / this.#throughput.perMs(now)
  }

  #bound(now: number): number {
    const { queueTokens, queueTimeMs } = this.#options
    const tokensPerMs = this.#throughput.known(now)
    return tokensPerMs === undefined ? queueTokens : Math.min(queueTokens, tokensPerMs * queueTimeMs)
  }

  #makeRoom({ tenant, work, booked }: Visit, now: number) {
    const bound = this.#bound(now)
    const inTime = this.#pace.of(tenant, now) * this.#options.queueTimeMs
    const part = Math.min(tenant.queueShare * bound, booked ? bound : inTime)
    const answer = this.#room.ask({
      tenant,
      work,
      booked,
      bound,
      fairPart: this.#tenants.fairShare(tenant) * bound,
      part,
    })
    if (answer !== 'push out') return answer
    while (this.#queue.size > 0 && this.#queue.tokens + work > bound) {
      const victim = this.#queue.largest()!.newest.first!
      const error = this.#overloaded('pushed out', victim, undefined, now)
      this.#counts.pushedOut++
      this.#withdraw(victim, 'failed', error, now)
    }
    return 'room'
  }

  /** Nobody waits who could run, so nobody of its own tenant does. */
  #passQueue(visit: Visit, now: number): void {
    this.#queue.lift(visit.tenant)
    this.#start(visit, now)
    this.#throughput.rate.saturated(this.#gate.isFull, now)
  }

  #wait(visit: Visit, now: number): void {
    const { deadlineMs } = visit.request
    const wait = this.#queue.push(visit)
    this.#tenants.refresh(visit.tenant)
    if (deadlineMs !== undefined) this.#deadlines.add(visit, now + deadlineMs)
    this.#dispatch(now)
    if (visit.state === 'waiting') visit.turn = wait.promise()
  }

  /** Lets in whom it is the turn of. Whoever is next and does not fit is waited for, so that nobody is passed over. */
  #dispatch(now: number): void {
    for (let visit = this.#queue.next(); visit !== undefined; visit = this.#queue.next()) {
      if (!this.#gate.isOpenFor(visit.request.promptTokens)) break
      const wait = visit.wait!
      this.#deadlines.remove(visit)
      this.#queue.remove(visit)
      this.#start(visit, now)
      wait.resolve?.()
    }
    this.#throughput.rate.saturated(this.#queue.isReady || this.#gate.isFull, now)
  }

  #start(visit: Visit, now: number): void {
    const { tenant, request, expectedOutput } = visit
    visit.state = 'running'
    visit.admittedAt = now
    this.#gate.enter(request)
    this.#queue.serve(tenant)
    tenant.running++
    this.#queue.refresh(tenant)
    this.#tenants.refresh(tenant)
    visit.chargedOutput = expectedOutput
    this.#queue.charge(tenant, request.promptTokens + OUTPUT_WEIGHT * expectedOutput)
  }

  #started(visit: Visit, cachedTokens: number): void {
    const { tenant, request } = visit
    const now = this.#clock.now()
    visit.startedAt = now
    visit.cachedTokens = cachedTokens
    this.#queue.charge(tenant, -cachedTokens)
    this.#throughput.rate.add(request.promptTokens)
    tenant.served.add(request.promptTokens)
    this.#gate.started(request)
    this.#dispatch(now)
  }

  #generated(visit: Visit, tokens: number): void {
    visit.outputTokens += tokens
    this.#throughput.rate.add(tokens)
    visit.tenant.served.add(tokens)
    visit.tenant.outputLength.generated(tokens)
    if (visit.outputTokens > visit.chargedOutput) this.#settleOutput(visit)
  }

  #settleOutput(visit: Visit): void {
    this.#queue.charge(visit.tenant, OUTPUT_WEIGHT * (visit.outputTokens - visit.chargedOutput))
    visit.chargedOutput = visit.outputTokens
  }

  #left(visit: Visit, outcome: Outcome): void {
    const now = this.#clock.now()
    if (visit.state === 'waiting') this.#withdraw(visit, outcome, new AbortedError(), now)
    else this.#finish(visit, outcome, now)
    this.#dispatch(now)
  }

  #finish(visit: Visit, outcome: Outcome, now: number): void {
    const { tenant, request, startedAt } = visit
    visit.state = 'over'
    this.#counts[outcome]++
    this.#gate.leave(request, startedAt !== undefined)
    this.#settleOutput(visit)
    if (startedAt === undefined) this.#queue.charge(tenant, -request.promptTokens)
    else if (outcome === 'completed') {
      const { admittedAt, outputTokens } = visit
      this.#throughput.completed(request, outputTokens, startedAt - admittedAt, now - admittedAt)
      tenant.outputLength.ended(request.sequences)
    }
    tenant.running--
    this.#queue.refresh(tenant)
    this.#tenants.refresh(tenant)
    this.#settleTokens(visit, now)
  }

  /** Ends what waits. */
  #withdraw(visit: Visit, outcome: Outcome, error: Error, now: number): void {
    const wait = visit.wait!
    this.#deadlines.remove(visit)
    this.#queue.remove(visit)
    this.#tenants.refresh(visit.tenant)
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
    if (visit.tenant.bucket === undefined) return
    visit.bucketTokens = visit.work
    visit.tenant.bucket.take(visit.work, now)
  }

  /** What was taken in advance becomes what was used. */
  #settleTokens({ tenant, request, bucketTokens, startedAt, outputTokens }: Visit, now: number): void {
    if (bucketTokens === 0) return
    const used = (startedAt === undefined ? 0 : request.promptTokens) + outputTokens
    tenant.bucket?.giveBack(bucketTokens - used, now)
  }
}

function expectedOutput(tenant: TenantState, { outputTokens, sequences }: AdmissionRequest): number {
  return Math.min(outputTokens, Math.ceil((tenant.outputLength.mean ?? USUAL_OUTPUT) * sequences))
}

function comeBack(ms: number): string {
  return `come back in ${seconds(ms)}`
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
