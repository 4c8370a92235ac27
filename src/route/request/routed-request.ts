import type { Clock } from '../../clock/index.ts'
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
  type RoutingHints,
  type StartEvent,
  type TokensEvent,
  UnreachableError,
} from '../../engine/index.ts'
import { type Span, startClientSpan } from '../../telemetry/index.ts'
import type { RouterMetrics } from '../metrics.ts'
import type { RouterSettings } from '../settings.ts'
import type { UpstreamSlot } from '../upstream-slot.ts'
import { Attempt, type AttemptOwner, type Sent } from './attempt.ts'
import { failureKind } from './failure.ts'
import { continued, endOf, isRepeatable, mayContinue, replayed } from './going-on.ts'
import { Handed } from './handed.ts'
import type { Splice } from './splice.ts'

/** Where a request is to go, and why. */
export interface Decision {
  readonly slot: UpstreamSlot
  /** What it answers as. */
  readonly model: string
  readonly reason: string
}

/** What a request needs of the router that it belongs to. */
export interface RequestHost {
  readonly clock: Clock
  readonly settings: RouterSettings
  readonly metrics: RouterMetrics
  /**
   * One that the request has not been sent to in vain; undefined where there is none. `model`: none that answers as another.
   *
   * @throws ModelNotFoundError
   */
  decide(request: RoutedRequest, tried: readonly UpstreamSlot[], model: string | undefined): Decision | undefined
  /** Why {@link decide} finds none, where no engine has said so itself. */
  whyNone(request: RoutedRequest): EngineError
  /** How many tokens one of its answers is expected to have. */
  expectedOutput(sampling: ResolvedSampling): number
  /** The prompt's ids, as the engine at `slot` would begin with. @throws where they cannot be had */
  promptIds(request: GenerateRequest, slot: UpstreamSlot): readonly number[] | Promise<readonly number[]>
  over(request: RoutedRequest): void
}

/** A request from its first engine to its last event: over as many engines as it takes, and one answer all the same. */
export class RoutedRequest implements Listed, AttemptOwner {
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
  /** The least that an engine said to wait. */
  #retryAfterMs: number | undefined
  #isOverloaded = false
  #error: EngineError | undefined
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
    if (!this.#ask(this.#beganAt)) this.#fail(this.host.whyNone(this))
    const { hedgeAfterMs } = settings
    if (hedgeAfterMs !== undefined && !this.#isOver)
      this.#cancelHedge = clock.at(clock.now() + hedgeAfterMs, () => this.#hedge())
  }

  /** Holds the answer up, or lets it go on. */
  hold(held: boolean): void {
    for (const attempt of this.live) attempt.hold(held)
  }

  /** Gives it up. `error`: undefined where nobody reads any more. */
  drop(error: EngineError | undefined): void {
    if (this.#isOver) return
    const live = this.live.splice(0)
    for (const attempt of live) this.#abort(attempt, 'neither', 'cancelled')
    if (error !== undefined) this.stream.fail(error)
    this.#finish()
    this.stream.wake()
  }

  /** Gives up what has been silent for too long. */
  check(now: number): void {
    const { firstTokenTimeoutMs, stallTimeoutMs } = this.host.settings
    for (const attempt of [...this.live]) {
      if (attempt.isHeld) continue
      const limit = attempt.hasToken ? stallTimeoutMs : firstTokenTimeoutMs
      const since = attempt.hasToken ? attempt.heardAt : attempt.sentAt
      if (now - since < limit) continue
      const what = attempt.hasToken ? 'was silent' : 'owed a first token'
      const error = new UnreachableError(`${attempt.slot.name} ${what} for ${Math.round(now - since)} ms`)
      this.#lost(attempt, error, attempt.hasToken ? 'stall_timeout' : 'first_token_timeout', true)
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
    let event = given
    if (attempt.splice !== undefined) {
      const spliced = this.#spliced(attempt, attempt.splice, given)
      if (spliced === undefined) return
      event = spliced
    }
    if (!attempt.hasToken) this.#won(attempt)
    this.tokens += event.ids.length
    this.#handed?.take(event)
    this.stream.push(event)
    this.stream.wake()
  }

  #spliced(attempt: Attempt, splice: Splice, event: TokensEvent): TokensEvent | undefined {
    try {
      return splice.tokens(event)
    } catch (error) {
      this.#misfit(attempt, error as EngineError)
      return undefined
    }
  }

  /** The halves of an answer do not fit: that is nobody's illness, and asking again would not mend it. */
  #misfit(attempt: Attempt, error: EngineError): void {
    this.#remove(attempt)
    this.#abort(attempt, 'neither', 'differs')
    this.#fail(error)
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
        this.#abort(other, 'neither', 'outrun')
      }
    }
    if (this.start === undefined && attempt.start !== undefined) this.#tellStart(attempt, attempt.start)
  }

  #done(attempt: Attempt, event: DoneEvent): void {
    if (!attempt.hasToken) this.#won(attempt)
    const done = attempt.splice === undefined ? event : this.#joined(attempt, attempt.splice, event)
    if (done === undefined) return
    this.#remove(attempt)
    this.#count(attempt, 'done')
    attempt.end('succeeded')
    this.#finish(done)
    this.stream.wake()
  }

  /** The end of the whole answer, of which `event` tells of the last part; undefined where it does not fit. */
  #joined(attempt: Attempt, splice: Splice, event: DoneEvent): DoneEvent | undefined {
    try {
      const usage = splice.usage(event)
      const { promptTokens, cachedTokens } = this.start?.promptTokens ? this.start : usage
      const { completionTokens } = usage
      const choices = event.choices.map(choice => ({ ...choice, completionTokens }))
      const timings = this.#timings()
      return { type: 'done', choices, usage: { promptTokens, cachedTokens, completionTokens }, timings }
    } catch (error) {
      this.#misfit(attempt, error as EngineError)
      return undefined
    }
  }

  /** As seen from here: an answer of several parts has no engine that saw all of it. */
  #timings(): DoneEvent['timings'] {
    const now = this.host.clock.now()
    const firstTokenAt = this.#firstTokenAt ?? now
    return { queuedMs: 0, prefillMs: firstTokenAt - this.#beganAt, decodeMs: now - firstTokenAt }
  }

  /** An attempt came to nothing. `isOurs`: the engine does not know yet. */
  #lost(attempt: Attempt, error: EngineError, reason: string, isOurs: boolean): void {
    this.#remove(attempt)
    const kind = failureKind(error)
    const outcome = kind === 'fault' ? 'failed' : 'neither'
    attempt.span.recordError(error)
    if (isOurs) this.#abort(attempt, outcome, reason)
    else {
      this.#count(attempt, reason)
      attempt.end(outcome)
    }
    if (kind === 'final') this.#fail(error)
    else this.#goElsewhere(attempt, error, reason)
  }

  #goElsewhere(attempt: Attempt, error: EngineError, reason: string): void {
    this.#error = error
    if (error instanceof OverloadedError) this.#wasRefused(error)
    // What it wrote can be gone on with anywhere, by those that failed before too.
    if (attempt.hasToken) this.#tried = [attempt.slot]
    if (this.live.length > 0) return
    if (this.tokens > 0) this.#goOn(attempt, error)
    else this.#retry(reason)
  }

  #wasRefused({ retryAfterMs }: OverloadedError): void {
    this.#isOverloaded = true
    if (retryAfterMs === undefined) return
    this.#retryAfterMs = Math.min(retryAfterMs, this.#retryAfterMs ?? Number.POSITIVE_INFINITY)
  }

  #retry(reason: string): void {
    const { clock, metrics, settings } = this.host
    if (this.#retries++ < settings.retries && this.#ask(clock.now())) metrics.retried(reason)
    else this.#fail(this.#whyFailed())
  }

  /** Of all that engines said, what helps the client most. */
  #whyFailed(): EngineError {
    if (this.#isOverloaded) return new OverloadedError('every engine is full: try again later', this.#retryAfterMs)
    const error = this.#error!
    const isTheirs = error.code === 'unsupported' || error.code === 'internal' || error.code === 'unreachable'
    // To the client, a closed engine or a wrong key would look like the router's or its own.
    return isTheirs ? error : new UnreachableError(`${this.#tried.at(-1)?.name}: ${error.message}`, { cause: error })
  }

  /** The answer broke off after the client had read of it. */
  #goOn(attempt: Attempt, error: EngineError): void {
    const handed = this.#handed
    const end = handed && endOf(handed, this.sampling, this.start?.promptTokens ?? 0, attempt.slot)
    if (handed !== undefined && end !== undefined) this.#finishAs(end, handed)
    else if (handed === undefined || !this.#ask(this.host.clock.now(), attempt))
      this.#fail(new UnreachableError(`the answer broke off: ${error.message}`, { cause: error }))
  }

  #finishAs(end: Pick<DoneEvent, 'choices'>, { ids }: Handed): void {
    const { promptTokens, cachedTokens } = this.start!
    this.host.metrics.failedOver('ended')
    this.#finish({
      type: 'done',
      ...end,
      usage: { promptTokens, cachedTokens, completionTokens: ids.length },
      timings: this.#timings(),
    })
    this.stream.wake()
  }

  #hedge(): void {
    this.#cancelHedge = undefined
    if (this.live.length !== 1 || this.live[0]!.hasToken || this.tokens > 0) return
    this.#ask(this.host.clock.now())
  }

  #late(): void {
    this.drop(new DeadlineExceededError('the answer was not whole by its deadline'))
  }

  /** Sends it to one more engine. `lost`: the one that the answer broke off at. False where there is none. */
  #ask(from: number, lost?: Attempt): boolean {
    const { clock, metrics, settings } = this.host
    const decision = this.host.decide(this, this.#tried, lost?.model)
    if (decision === undefined) return false
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
    const request = this.#requestFor(slot, span, now)
    attempt.begin(lost === undefined ? { request, splice: undefined } : this.#goingOn(request, slot, lost.slot))
    return true
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

  /** Its hints are for the engine now: what it is part of and how long it may take. */
  #requestFor({ engine }: UpstreamSlot, span: Span, now: number): GenerateRequest {
    const { routing: hints = {}, ...request } = this.request
    const traceparent = span.traceparent ?? hints.traceparent
    const knowsModel = hints.model !== undefined && engine?.info.models?.includes(hints.model)
    const routing: RoutingHints = {
      ...(knowsModel && { model: hints.model! }),
      ...(hints.session !== undefined && { session: hints.session }),
      ...(traceparent !== undefined && { traceparent }),
      ...(this.#deadlineAt !== undefined && { deadlineMs: Math.max(1, this.#deadlineAt - now) }),
    }
    return Object.keys(routing).length === 0 ? request : { ...request, routing }
  }

  #goingOn(given: GenerateRequest, slot: UpstreamSlot, lost: UpstreamSlot): Sent | Promise<Sent> {
    const { metrics } = this.host
    const { timeline: _, ...request } = given
    const handed = this.#handed!
    const engines = [slot, lost].flatMap(({ engine }) => engine?.info ?? [])
    const replay = () => {
      metrics.failedOver('replay')
      return replayed(request, handed)
    }
    const goOn = (ids: readonly number[]) => {
      metrics.failedOver('continue')
      return continued(request, ids, handed)
    }
    if (!mayContinue(handed, this.sampling, engines)) return replay()
    const known = this.start?.promptIds ?? this.host.promptIds(request, slot)
    return known instanceof Promise ? known.then(goOn, replay) : goOn(known)
  }

  #remove(attempt: Attempt): void {
    const place = this.live.indexOf(attempt)
    if (place >= 0) this.live.splice(place, 1)
  }

  #abort(attempt: Attempt, outcome: 'failed' | 'neither', reason: string): void {
    this.#count(attempt, reason)
    attempt.abort(outcome)
  }

  #count(attempt: Attempt, outcome: string): void {
    attempt.span.setAttributes({ 'warpline.route.outcome': outcome })
    this.host.metrics.attempted(attempt.slot.name, attempt.model, outcome)
  }

  #fail(error: EngineError): void {
    for (const attempt of this.live.splice(0)) this.#abort(attempt, 'neither', 'cancelled')
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
