import type { Listed } from '../../collections/index.ts'
import {
  DeadlineExceededError,
  type DoneEvent,
  type EngineError,
  type Event,
  type EventStream,
  type GenerateRequest,
  OverloadedError,
  type ResolvedSampling,
  type StartEvent,
  type TokensEvent,
  UnreachableError,
  type Usage,
} from '../../engine/index.ts'
import { type Span, startClientSpan } from '../../telemetry/index.ts'
import type { PassOutcome } from '../breaker.ts'
import type { Decision } from '../chooser.ts'
import type { UpstreamSlot } from '../upstream-slot.ts'
import { Attempt, type AttemptOwner, type Sent } from './attempt.ts'
import { Complaints } from './complaints.ts'
import { failureKind } from './failure.ts'
import { continued, isFull, isRepeatable, replayed, wayOn } from './going-on.ts'
import { Handed } from './handed.ts'
import type { RequestHost } from './request-host.ts'
import type { Splice } from './splice.ts'
import { upstreamRequest } from './upstream-request.ts'
import type { Waiter } from './waiting-line.ts'

/** A request from its first engine to its last event: over as many engines as it takes, and one answer all the same. */
export class RoutedRequest implements Listed, AttemptOwner, Waiter {
  place = -1
  /** Sequences that are held up. */
  paused = 0
  /** Its client has been told that it started. */
  start: StartEvent | undefined
  /** That the client has. */
  tokens = 0
  end: DoneEvent | undefined
  onOver: (() => void) | undefined
  /** Under way; two while a second engine races the first. */
  readonly live: Attempt[] = []
  readonly #beganAt: number
  readonly #deadlineAt: number | undefined
  /** What the client has, where that could be gone on with. */
  readonly #handed: Handed | undefined
  #tried: UpstreamSlot[] = []
  #attempts = 0
  #retries = 0
  /** This process's own time so far, in ms. */
  #overheadMs = 0
  #firstTokenAt: number | undefined
  readonly #complaints = new Complaints()
  /** It found every engine full, and waits. */
  #parked: { readonly since: number; readonly lost: Attempt | undefined } | undefined
  #cancelDeadline: (() => void) | undefined
  #cancelHedge: (() => void) | undefined
  #isOver = false

  constructor(
    private readonly host: RequestHost,
    private readonly stream: EventStream,
    readonly request: GenerateRequest,
    readonly sampling: ResolvedSampling,
    readonly promptTokens: number,
    beganAt: number,
  ) {
    this.#beganAt = beganAt
    const { deadlineMs } = request.routing ?? {}
    this.#deadlineAt = deadlineMs === undefined ? undefined : beganAt + deadlineMs
    this.#handed = host.settings.failover && isRepeatable(sampling) ? new Handed() : undefined
  }

  begin(): void {
    const { clock, settings } = this.host
    if (this.#deadlineAt !== undefined) this.#cancelDeadline = clock.at(this.#deadlineAt, () => this.#late())
    if (!this.#ask(this.#beganAt)) this.#failUnasked()
    const { hedgeAfterMs } = settings
    if (hedgeAfterMs !== undefined && !this.#isOver)
      this.#cancelHedge = clock.at(clock.now() + hedgeAfterMs, () => this.#hedge())
  }

  resume(): boolean {
    const { since, lost } = this.#parked!
    this.#parked = undefined
    if (!this.#ask(this.host.clock.now(), lost)) this.#failUnasked()
    else if (this.#parked !== undefined) this.#parked = { since, lost }
    return this.#parked === undefined
  }

  /** Holds the answer up, or lets it go on. */
  hold(held: boolean): void {
    for (const attempt of this.live) attempt.hold(held)
  }

  /** Gives it up. `error`: undefined where nobody reads any more. */
  drop(error: EngineError | undefined): void {
    if (this.#isOver) return
    this.#abandon()
    if (error !== undefined) this.stream.fail(error)
    this.#finish()
    this.stream.wake()
  }

  /** Gives up what has been silent for too long. */
  check(now: number): void {
    const { firstTokenTimeoutMs, stallTimeoutMs } = this.host.settings
    if (this.#parked !== undefined && now - this.#parked.since >= firstTokenTimeoutMs)
      this.#fail(new OverloadedError('every engine stayed full: try again later', firstTokenTimeoutMs))
    for (const attempt of [...this.live]) {
      if (attempt.isHeld) continue
      const { hasSpoken, sentAt, heardAt, slot } = attempt
      const silentMs = now - (hasSpoken ? heardAt : sentAt)
      if (silentMs < (hasSpoken ? stallTimeoutMs : firstTokenTimeoutMs)) continue
      const what = hasSpoken ? 'was silent' : 'owed a first token'
      const error = new UnreachableError(`${slot.name} ${what} for ${Math.round(silentMs)} ms`)
      this.#lost(attempt, error, hasSpoken ? 'stall_timeout' : 'first_token_timeout', true)
    }
  }

  event(attempt: Attempt, event: Event): void {
    if (event.type === 'tokens') this.#tokens(attempt, event)
    else if (event.type === 'start') this.#start(attempt, event)
    else this.#done(attempt, event)
  }

  failed(attempt: Attempt, error: EngineError): void {
    this.#lost(attempt, error, error.code, false)
  }

  #start(attempt: Attempt, event: StartEvent): void {
    attempt.started()
    if (this.start !== undefined) return
    // Of two that race, the one that wins is told.
    if (this.live.length > 1) attempt.start = event
    else this.#tellStart(attempt, event)
  }

  #tellStart(attempt: Attempt, event: StartEvent): void {
    const { clock, metrics } = this.host
    const now = clock.now()
    const overheadMs = this.#overheadMs + (now - attempt.heardAt)
    metrics.overhead(overheadMs)
    this.start = { ...event, served: { upstream: attempt.slot.name, overheadMs, attempts: this.#attempts } }
    this.stream.push(this.start)
    this.stream.wake()
  }

  #tokens(attempt: Attempt, given: TokensEvent): void {
    attempt.made(given.ids.length)
    const event = attempt.splice === undefined ? given : this.#fitting(attempt, splice => splice.tokens(given))
    if (event === undefined) return
    if (!attempt.hasToken) this.#won(attempt)
    this.tokens += event.ids.length
    this.#handed?.take(event)
    this.stream.push(event)
    this.stream.wake()
  }

  /** Where the halves of an answer do not fit, that is nobody's illness, and asking again would not mend it. */
  #fitting<T>(attempt: Attempt, join: (splice: Splice) => T): T | undefined {
    try {
      return join(attempt.splice!)
    } catch (error) {
      this.#remove(attempt)
      this.#end(attempt, 'neither', 'differs', true)
      this.#fail(error as EngineError)
      return undefined
    }
  }

  /** Its first token: the client reads this one. */
  #won(attempt: Attempt): void {
    attempt.hasToken = true
    this.#firstTokenAt ??= attempt.heardAt
    this.#cancelHedge?.()
    this.#cancelHedge = undefined
    if (this.live.length > 1) {
      this.host.metrics.hedged(attempt === this.live[0] ? 'first' : 'second')
      for (const other of this.live.filter(other => other !== attempt)) {
        this.#remove(other)
        this.#end(other, 'neither', 'outrun', true)
      }
    }
    if (this.start === undefined && attempt.start !== undefined) this.#tellStart(attempt, attempt.start)
  }

  #done(attempt: Attempt, event: DoneEvent): void {
    if (!attempt.hasToken) this.#won(attempt)
    const done = attempt.splice === undefined ? event : this.#fitting(attempt, splice => this.#joined(splice, event))
    if (done === undefined) return
    this.#remove(attempt)
    this.#end(attempt, 'succeeded', 'done')
    this.#finish(done)
    this.stream.wake()
  }

  /** The end of the whole answer, of which `event` tells of the last part. */
  #joined(splice: Splice, event: DoneEvent): DoneEvent {
    const usage = splice.usage(event)
    const choices = event.choices.map(choice => ({ ...choice, completionTokens: usage.completionTokens }))
    return { type: 'done', choices, ...this.#whole(usage) }
  }

  /** Of an answer of several parts, as seen from here: there is no engine that saw all of it. */
  #whole(usage: Usage): Pick<DoneEvent, 'usage' | 'timings'> {
    const { promptTokens, cachedTokens } = this.start?.promptTokens ? this.start : usage
    const now = this.host.clock.now()
    const firstTokenAt = this.#firstTokenAt ?? now
    return {
      usage: { ...usage, promptTokens, cachedTokens },
      timings: { queuedMs: 0, prefillMs: firstTokenAt - this.#beganAt, decodeMs: now - firstTokenAt },
    }
  }

  /** An attempt came to nothing. `isOurs`: the engine does not know yet. */
  #lost(attempt: Attempt, error: EngineError, reason: string, isOurs: boolean): void {
    const kind = failureKind(error)
    attempt.span.recordError(error)
    this.#remove(attempt)
    this.#end(attempt, kind === 'fault' ? 'failed' : 'neither', reason, isOurs)
    // What would be wrong with the second half of an answer is not the client's doing.
    if (kind === 'final' && attempt.splice === undefined) this.#fail(error)
    else {
      this.#complaints.add(attempt.slot.name, error)
      if (this.live.length > 0) return
      if (this.tokens > 0) this.#goOn(attempt, !isOurs)
      else this.#retry(reason)
    }
  }

  #retry(reason: string): void {
    const { clock, metrics, settings } = this.host
    if (this.#retries++ < settings.retries && this.#ask(clock.now())) metrics.retried(reason)
    else this.#fail(this.#complaints.summary())
  }

  /** The answer broke off after the client had read of it. `mayAgain`: the same engine may do better. */
  #goOn(attempt: Attempt, mayAgain: boolean): void {
    const handed = this.#handed
    const { start, sampling } = this
    if (handed === undefined) this.#fail(this.#complaints.brokenOff())
    else if (isFull(handed, sampling, start?.promptTokens ?? 0, attempt.slot.info)) this.#finishFull(handed)
    else if (!this.#askOn(attempt, mayAgain)) this.#fail(this.#complaints.brokenOff())
  }

  /** As long as the answer grows by each, all engines are asked again and again: the one that it broke off at comes last. */
  #askOn(attempt: Attempt, mayAgain: boolean): boolean {
    if (attempt.hasToken) this.#tried = [attempt.slot]
    if (this.#ask(this.host.clock.now(), attempt)) return true
    if (!attempt.hasToken || !mayAgain) return false
    this.#tried = []
    return this.#ask(this.host.clock.now(), attempt)
  }

  #finishFull({ ids }: Handed): void {
    const completionTokens = ids.length
    this.host.metrics.failedOver('ended')
    const usage = { promptTokens: 0, cachedTokens: 0, completionTokens }
    this.#finish({ type: 'done', choices: [{ finishReason: 'length', completionTokens }], ...this.#whole(usage) })
    this.stream.wake()
  }

  #hedge(): void {
    this.#cancelHedge = undefined
    if (this.live.length !== 1 || this.live[0]!.hasToken || this.tokens > 0) return
    // A slow engine is no reason for another model's answer.
    this.#ask(this.host.clock.now(), undefined, this.live[0]!.model, false)
  }

  #late(): void {
    this.drop(new DeadlineExceededError('the answer was not whole by its deadline'))
  }

  /** There is none that it could be sent to. */
  #failUnasked(): void {
    if (this.tokens > 0) this.#fail(this.#complaints.brokenOff())
    else this.#fail(this.#attempts > 0 ? this.#complaints.summary() : this.host.whyNone(this.request))
  }

  /**
   * Sends it to one more engine, or lets it wait for one that is full. `lost`: the one that the answer broke off at; `within`: the
   * one model that will do. False where there is none.
   */
  #ask(from: number, lost?: Attempt, within = lost?.model, mayWait = true): boolean {
    const { clock, metrics, settings } = this.host
    const decision = this.#decide(within)
    if (decision === undefined) return false
    if (decision === 'full') {
      if (!mayWait) return false
      this.#parked = { since: clock.now(), lost }
      this.host.line.add(this)
      return true
    }
    const { slot, model, reason } = decision
    metrics.decided(settings.policy, reason)
    this.#tried.push(slot)
    this.#attempts++
    const span = this.#span(decision)
    const output = this.sampling.n * this.host.expectedOutput(this.sampling)
    const left = lost === undefined ? output : Math.max(1, output - this.tokens)
    const attempt = new Attempt(this, slot, model, clock, span, this.promptTokens, left)
    this.live.push(attempt)
    const now = clock.now()
    this.#overheadMs += now - from
    const leftMs = this.#deadlineAt === undefined ? undefined : this.#deadlineAt - now
    const request = upstreamRequest(this.request, slot.info, { traceparent: span.traceparent, leftMs })
    attempt.begin(lost === undefined ? { request, splice: undefined } : this.#goingOn(request, slot, lost.slot))
    return true
  }

  #decide(model: string | undefined): Decision | 'full' | undefined {
    try {
      return this.host.decide(this, this.#tried, model)
    } catch (error) {
      if (this.#attempts === 0) throw error
      // A new table took its model away meanwhile.
      return undefined
    }
  }

  #span({ slot, model, reason }: Decision): Span {
    return startClientSpan('route', this.request.routing?.traceparent, {
      'warpline.route.upstream': slot.name,
      'warpline.route.model': model,
      'warpline.route.policy': this.host.settings.policy,
      'warpline.route.reason': reason,
      'warpline.route.attempt': this.#attempts,
    })
  }

  #goingOn(given: GenerateRequest, slot: UpstreamSlot, lost: UpstreamSlot): Sent | Promise<Sent> {
    const { metrics } = this.host
    const { timeline: _, ...request } = given
    const handed = this.#handed!
    const replay = () => {
      metrics.failedOver('replay')
      return replayed(request, handed)
    }
    const engines = [slot, lost].flatMap(({ info }) => info ?? [])
    if (wayOn(handed, this.sampling, engines) === 'replay') return replay()
    const goOn = (ids: readonly number[]) => {
      metrics.failedOver('continue')
      return continued(request, ids, handed)
    }
    const told = this.start?.promptIds
    return told === undefined ? this.host.promptIds(request, slot).then(goOn, replay) : goOn(told)
  }

  #remove(attempt: Attempt): void {
    const place = this.live.indexOf(attempt)
    if (place >= 0) this.live.splice(place, 1)
  }

  /** `mustStop`: it has not ended by itself. */
  #end(attempt: Attempt, outcome: PassOutcome, reason: string, mustStop = false): void {
    attempt.span.setAttributes({ 'warpline.route.outcome': reason })
    this.host.metrics.attempted(attempt.slot.name, attempt.model, reason)
    if (mustStop) attempt.abort(outcome)
    else attempt.end(outcome)
  }

  #abandon(): void {
    for (const attempt of this.live.splice(0)) this.#end(attempt, 'neither', 'cancelled', true)
  }

  #fail(error: EngineError): void {
    this.#abandon()
    this.stream.fail(error)
    this.#finish()
    this.stream.wake()
  }

  #finish(done?: DoneEvent): void {
    this.#isOver = true
    this.#cancelDeadline?.()
    this.#cancelHedge?.()
    this.end = done
    if (done !== undefined) this.stream.push(done)
    this.host.over(this)
  }
}
