import type { Clock } from '../clock/index.ts'
import { type Engine, type EngineHealth, type EngineInfo, InvalidTargetError } from '../engine/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { Breaker } from './breaker.ts'
import { HealthWatch, phaseOf } from './health.ts'
import { Pace } from './pace.ts'
import type { RouterOptions, UpstreamStatus } from './router.ts'
import type { NamedSpec } from './specs.ts'
import type { Candidate, UpstreamPhase } from './upstream.ts'

const FIRST_BACKOFF_MS = 250
const MOST_BACKOFF_MS = 10_000

/** What a slot needs of its router. */
export interface SlotHost {
  readonly open: RouterOptions['open']
  readonly breaker: RouterOptions['breaker']
  readonly health: RouterOptions['health']
  readonly clock: Clock
  readonly logger: Logger
  /** An engine came or went, or has room again: what is known of the upstreams together has changed. */
  changed(): void
  /** The engine is another than before, and empty. */
  forget(slot: UpstreamSlot): void
  /** It was told to go, and has. */
  gone(slot: UpstreamSlot): void
}

/** A place for one engine: opens it, opens it again, and knows what is under way there. */
export class UpstreamSlot implements Candidate {
  readonly name: string
  readonly breaker: Breaker
  engine: Engine | undefined
  /** Of its engine, or of the last that it had. */
  info: EngineInfo | undefined
  requests = 0
  tokens = 0
  elsewhere = 0
  /** What it was last known to serve. */
  models: readonly string[]
  /** Since the start. */
  readonly counts = { requests: 0, tokens: 0 }
  /** It was an address of nothing. */
  invalid: InvalidTargetError | undefined
  readonly #pace = new Pace()
  #health: HealthWatch | undefined
  #isDraining = false
  #isClosed = false
  /** Openings in a row that failed. */
  #failures = 0
  #complaint: string | undefined
  #isAsking = false
  #cancelRetry: (() => void) | undefined

  constructor(
    public spec: NamedSpec,
    private readonly host: SlotHost,
  ) {
    this.name = spec.name
    this.models = spec.model === undefined ? [] : [spec.model]
    this.breaker = new Breaker(host.breaker, host.clock)
  }

  get weight(): number {
    return this.spec.weight
  }

  get tokensPerSecond(): number | undefined {
    return this.#pace.perSecond(this.host.clock.now())
  }

  /** Sequences that it runs at once, or is given at most. */
  get maxSequences(): number {
    const { maxSequences = 0 } = this.engine?.info ?? {}
    return Math.min(maxSequences, this.spec.maxInFlight ?? maxSequences)
  }

  /** Whether requests may go there at all, were there room and trust. */
  get isReady(): boolean {
    const { engine } = this
    return engine !== undefined && !this.#isDraining && this.#health!.isWell && engine.health().status !== 'closed'
  }

  /** Whether the next request may go there. */
  get takes(): boolean {
    return this.isReady && !this.isFull && this.breaker.mayPass
  }

  get isFull(): boolean {
    return this.requests >= (this.spec.maxInFlight ?? Number.POSITIVE_INFINITY)
  }

  get status(): UpstreamStatus {
    const { phase, reason } = this.#phase
    return {
      name: this.name,
      url: this.spec.url,
      phase,
      ...(reason !== undefined && { reason }),
      model: this.engine?.info.model ?? this.spec.model,
      ...this.counts,
    }
  }

  /** Opens the engine, as often as it takes. Never throws. */
  async open(): Promise<void> {
    const { host, spec } = this
    this.#cancelRetry = undefined
    try {
      const engine = await host.open(spec)
      if (this.#isClosed || this.#isDraining) {
        await engine.close()
        if (this.#isDraining) this.#leave()
        return
      }
      this.#opened(engine)
    } catch (error) {
      this.#failedToOpen(error)
    }
  }

  /** A request goes there; `tokens` are those that it is expected to take. */
  enter(tokens: number): void {
    if (this.requests++ === 0) this.#pace.busy(true, this.host.clock.now())
    this.tokens += tokens
    this.counts.requests++
  }

  /** Tokens that were expected are there, or will not come. */
  settle(tokens: number): void {
    this.tokens -= tokens
  }

  /** Tokens came. */
  made(tokens: number): void {
    this.counts.tokens += tokens
    this.#pace.add(tokens)
  }

  leave(): void {
    if (--this.requests === 0) {
      this.#pace.busy(false, this.host.clock.now())
      if (this.#isDraining) this.#leave()
    }
    if (this.spec.maxInFlight !== undefined) this.host.changed()
  }

  /** It gets no more requests, and goes when its last has ended. */
  drain(): void {
    if (this.#isDraining) return
    this.#isDraining = true
    this.#cancelRetry?.()
    if (this.requests === 0) this.#leave()
  }

  /** Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#cancelRetry?.()
    this.#health?.stop()
    await this.engine?.close()
  }

  get #phase(): { readonly phase: UpstreamPhase; readonly reason?: string } {
    const { engine } = this
    const { status, reason } = engine?.health() ?? {}
    const health = status === 'closed' ? { isWell: false, reason } : this.#health
    const told = phaseOf({
      isOpen: engine !== undefined,
      isDraining: this.#isDraining,
      health,
      breaker: this.breaker.state,
    })
    return told.phase === 'opening' && this.#complaint !== undefined ? { ...told, reason: this.#complaint } : told
  }

  #opened(engine: Engine): void {
    const { host, name } = this
    const isNew = this.#failures === 0 && this.#complaint === undefined
    this.engine = engine
    this.info = engine.info
    this.models = engine.info.models ?? [engine.info.model]
    this.#failures = 0
    this.#complaint = undefined
    this.breaker.reset()
    this.#health?.stop()
    this.#health = new HealthWatch(
      () => this.#look(engine),
      host.clock,
      host.health,
      () => this.#healthChanged(),
    )
    const { model, backend } = engine.info
    host.logger[isNew ? 'debug' : 'info']({ upstream: name, url: this.spec.url, model, backend }, 'an upstream is open')
    host.forget(this)
    host.changed()
  }

  #failedToOpen(error: unknown): void {
    if (this.#isDraining) this.#leave()
    else if (!this.#isClosed) this.#openLater(error)
  }

  #openLater(error: unknown): void {
    const { clock, logger } = this.host
    if (error instanceof InvalidTargetError) this.invalid = error
    const complaint = error instanceof Error ? error.message : String(error)
    if (complaint !== this.#complaint)
      logger.warn({ upstream: this.name, url: this.spec.url, error: complaint }, 'an upstream cannot be opened')
    this.#complaint = complaint
    const wait = Math.min(FIRST_BACKOFF_MS * 2 ** this.#failures, MOST_BACKOFF_MS)
    this.#failures++
    this.#cancelRetry = clock.at(clock.now() + wait, () => void this.open())
    this.host.changed()
  }

  #look(engine: Engine): EngineHealth {
    void this.#askLoad(engine)
    return engine.health()
  }

  /** What others have there; a server that is slow to tell is not ill. */
  async #askLoad(engine: Engine): Promise<void> {
    if (this.#isAsking) return
    this.#isAsking = true
    const load = engine.load === undefined ? engine.stats() : await engine.load()
    this.#isAsking = false
    this.elsewhere = load === undefined ? 0 : Math.max(0, load.running + load.waiting - this.requests)
  }

  /** Requests that are still there end with what closing it gives them, and go on elsewhere. */
  #reopen(engine: Engine, reason: string | undefined): void {
    this.engine = undefined
    this.#health?.stop()
    this.#complaint = reason
    this.host.logger.warn({ upstream: this.name, error: reason }, 'an upstream was lost and is opened anew')
    void engine.close().then(
      () => this.#openUnlessClosed(),
      () => this.#openUnlessClosed(),
    )
  }

  #openUnlessClosed(): void {
    if (this.#isDraining) this.#leave()
    else if (!this.#isClosed) void this.open()
  }

  #healthChanged(): void {
    const { isWell, reason } = this.#health!
    const { logger } = this.host
    const { engine } = this
    if (!isWell && engine !== undefined && !this.#isDraining && !mends(engine)) this.#reopen(engine, reason)
    else if (isWell) logger.info({ upstream: this.name }, 'an upstream is well again')
    else logger.warn({ upstream: this.name, error: reason }, 'an upstream is ill')
    this.host.changed()
  }

  #leave(): void {
    if (this.#isClosed) return
    void this.close().finally(() => this.host.gone(this))
  }
}

/** A server elsewhere may come back by itself; what computes in this process does not. */
function mends(engine: Engine): boolean {
  return engine.info.backend.startsWith('remote/') && engine.health().status !== 'closed'
}
