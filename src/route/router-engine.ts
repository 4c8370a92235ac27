import { OutputLength } from '../admission/index.ts'
import { type Clock, systemClock } from '../clock/index.ts'
import { Roster } from '../collections/index.ts'
import {
  AbortedError,
  ContextLengthError,
  type Engine,
  EngineClosedError,
  type EngineError,
  type EngineHealth,
  type EngineInfo,
  type EngineStats,
  type Event,
  EventStream,
  estimateTokens,
  type GenerateOptions,
  type GenerateRequest,
  type Input,
  InvalidRequestError,
  type MessagesInput,
  type ResolvedSampling,
  type StepHistograms,
  StepMeter,
  type TokenizeOptions,
  UnreachableError,
  validateInput,
  validateRequest,
  validateTokenIds,
} from '../engine/index.ts'
import { TooManyTokensError } from '../formats/index.ts'
import { Random } from '../statistics/index.ts'
import type { Family } from '../telemetry/index.ts'
import { Chooser, type Decision } from './chooser.ts'
import { RouterMetrics } from './metrics.ts'
import { failureKind } from './request/failure.ts'
import type { RequestHost } from './request/request-host.ts'
import { RoutedRequest } from './request/routed-request.ts'
import { WaitingLine } from './request/waiting-line.ts'
import { Watch } from './request/watch.ts'
import type { PromptTokenizer, Router, RouterOptions, RoutingTable, UpstreamStatus } from './router.ts'
import { leastContext, routerInfo } from './router-info.ts'
import { checkHints } from './routing-hints.ts'
import { type RouterSettings, settingsOf } from './settings.ts'
import type { UpstreamSlot } from './upstream-slot.ts'
import { Upstreams } from './upstreams.ts'

/** Nothing is known of others' steps. */
const NO_STEPS = new StepMeter().snapshot()
/** Of an answer whose length nothing tells of. */
const ASSUMED_OUTPUT = 256

/** Many engines as one. What it counts is what went through here. */
export class RouterEngine implements Router, RequestHost {
  readonly info: EngineInfo
  readonly families: readonly Family[]
  readonly clock: Clock
  readonly settings: RouterSettings
  readonly metrics: RouterMetrics
  readonly line = new WaitingLine()
  /** When the first engine is there. */
  readonly opened: Promise<void>
  readonly #chooser: Chooser
  readonly #tokenizer: PromptTokenizer | undefined
  readonly #upstreams: Upstreams
  readonly #requests = new Roster<RoutedRequest>()
  readonly #watch: Watch
  readonly #outputs = new OutputLength()
  readonly #counts = { requests: 0, promptTokens: 0, cachedTokens: 0, generatedTokens: 0 }
  /** Sequences. */
  #paused = 0
  #isClosed = false

  constructor(options: RouterOptions) {
    this.clock = options.clock ?? systemClock
    this.settings = settingsOf(options)
    const random = options.seed === undefined ? undefined : new Random(options.seed)
    this.#tokenizer = options.tokenizer
    this.#upstreams = new Upstreams(
      options,
      this.clock,
      name => this.#chooser.forget(name),
      () => this.line.serve(),
    )
    const chance = random === undefined ? Math.random : () => random.next()
    this.#chooser = new Chooser(this.#upstreams, this.settings.policy, this.#tokenizer, chance)
    this.metrics = new RouterMetrics(() => this.#upstreams)
    this.families = this.metrics.families
    this.info = routerInfo(this.#upstreams, this.#tokenizer !== undefined)
    const { firstTokenTimeoutMs, stallTimeoutMs } = this.settings
    this.#watch = new Watch(this.clock, [firstTokenTimeoutMs, stallTimeoutMs], now => this.#look(now))
    this.opened = this.#upstreams.opened
  }

  generate(request: GenerateRequest, { signal }: GenerateOptions = {}): AsyncIterable<Event> {
    let running: RoutedRequest | undefined
    const abort = () => running?.drop(new AbortedError(undefined, { cause: signal?.reason }))
    const begin = () => {
      running = this.#begin(request, stream, signal)
      if (signal !== undefined) {
        signal.addEventListener('abort', abort, { once: true })
        running.onOver = () => signal.removeEventListener('abort', abort)
      }
      try {
        running.begin()
      } catch (error) {
        running.drop(undefined)
        throw error
      }
    }
    const leave = () => running?.drop(undefined)
    const stream = new EventStream(begin, leave, paused => running && this.#flow(running, paused))
    return stream
  }

  async render(input: MessagesInput): Promise<string> {
    this.#mustBeOpen()
    validateInput(input, this.info)
    return this.#askAny(engine => engine.render(input))
  }

  async tokenize(input: Input, options: TokenizeOptions = {}): Promise<readonly number[]> {
    this.#mustBeOpen()
    validateInput(input, this.info)
    if (this.#tokenizer === undefined) return this.#askAny(engine => engine.tokenize(input, options))
    const { limit = Number.POSITIVE_INFINITY } = options
    const ids = this.#encode(this.#tokenizer, input, limit)
    if (ids.length > limit) throw new ContextLengthError(ids.length, this.info.contextLength)
    return ids
  }

  async detokenize(ids: readonly number[]): Promise<string> {
    this.#mustBeOpen()
    validateTokenIds(ids, this.info)
    return this.#askAny(engine => engine.detokenize(ids))
  }

  async pieces(ids: readonly number[]): Promise<readonly Uint8Array[]> {
    this.#mustBeOpen()
    validateTokenIds(ids, this.info)
    return this.#askAny(engine => engine.pieces(ids))
  }

  health(): EngineHealth {
    if (this.#isClosed) return { status: 'closed', reason: 'the engine was closed' }
    for (const slot of this.#upstreams) if (slot.isReady) return { status: 'ready' }
    return { status: 'waiting', reason: 'no upstream is ready' }
  }

  stats(): EngineStats {
    const { requests } = this.#counts
    let { promptTokens, cachedTokens, generatedTokens } = this.#counts
    let running = 0
    let waiting = 0
    for (const { start, tokens, sampling } of this.#requests) {
      if (start === undefined) waiting += sampling.n
      else running += sampling.n
      promptTokens += start?.promptTokens ?? 0
      cachedTokens += start?.cachedTokens ?? 0
      generatedTokens += tokens
    }
    return {
      requests,
      running,
      waiting,
      promptTokens,
      cachedTokens,
      generatedTokens,
      paused: this.#paused,
      kvBlocksTotal: 0,
      kvBlocksUsed: 0,
      steps: 0,
      preemptions: 0,
    }
  }

  histograms(): StepHistograms {
    return NO_STEPS
  }

  upstreams(): readonly UpstreamStatus[] {
    return Array.from(this.#upstreams, ({ status }) => status)
  }

  reload(table: RoutingTable): void {
    this.#mustBeOpen()
    this.#upstreams.reload(table)
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#watch.stop()
    for (const request of this.#requests) request.drop(new EngineClosedError())
    await this.#upstreams.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  decide(
    request: RoutedRequest,
    tried: readonly UpstreamSlot[],
    model: string | undefined,
  ): Decision | 'full' | undefined {
    return this.#chooser.decide(request, tried, model)
  }

  whyNone(request: GenerateRequest): EngineError {
    return this.#chooser.whyNone(request)
  }

  expectedOutput({ maxTokens = Number.POSITIVE_INFINITY }: ResolvedSampling): number {
    return Math.ceil(Math.min(maxTokens, this.#outputs.mean ?? ASSUMED_OUTPUT))
  }

  async promptIds({ input }: GenerateRequest, { engine }: UpstreamSlot): Promise<readonly number[]> {
    if ('tokens' in input) return input.tokens
    if (this.#tokenizer !== undefined) return this.#tokenizer.encode(input)
    if (engine === undefined) throw new EngineClosedError()
    return engine.tokenize(input)
  }

  over(request: RoutedRequest): void {
    if (request.place < 0) return
    this.#requests.delete(request)
    this.line.delete(request)
    this.#flow(request, false)
    request.onOver?.()
    const { start, end, tokens } = request
    const usage = end?.usage
    this.#counts.promptTokens += usage?.promptTokens ?? start?.promptTokens ?? 0
    this.#counts.cachedTokens += usage?.cachedTokens ?? start?.cachedTokens ?? 0
    this.#counts.generatedTokens += usage?.completionTokens ?? tokens
    this.#outputs.generated(usage?.completionTokens ?? tokens)
    if (end !== undefined) this.#outputs.ended(end.choices.length)
  }

  #begin(request: GenerateRequest, stream: EventStream, signal: AbortSignal | undefined): RoutedRequest {
    const beganAt = this.clock.now()
    this.#mustBeOpen()
    const { routing } = request
    const info = routing === undefined ? this.info : this.#infoFor(routing.model)
    const sampling = validateRequest(request, info)
    if (routing !== undefined) checkHints(routing)
    if (routing?.upstream !== undefined && this.#upstreams.get(routing.upstream) === undefined)
      throw new InvalidRequestError(
        `there is no upstream ${JSON.stringify(routing.upstream.slice(0, 64))}`,
        'routing.upstream',
      )
    if (signal?.aborted) throw new AbortedError(undefined, { cause: signal.reason })
    const running = new RoutedRequest(this, stream, request, sampling, estimateTokens(request.input), beganAt)
    this.#counts.requests++
    this.#requests.add(running)
    this.#watch.start()
    return running
  }

  #encode(tokenizer: PromptTokenizer, input: Input, limit: number): readonly number[] {
    try {
      return tokenizer.encode(input, { limit })
    } catch (error) {
      if (!(error instanceof TooManyTokensError)) throw error
      throw new ContextLengthError(error.atLeast, this.info.contextLength, false)
    }
  }

  /** What holds for requests of a model; for one that is not there, what holds for the first, as it is refused later. */
  #infoFor(model: string | undefined): EngineInfo {
    if (model === undefined) return this.info
    const infos = this.#upstreams.infosOf(model)
    if (infos.length === 0) return this.info
    return {
      ...infos[0]!,
      contextLength: leastContext(infos),
      samplingDefaults: {},
      chat: infos.some(({ chat }) => chat),
    }
  }

  #look(now: number): boolean {
    for (const request of this.#requests) request.check(now)
    return this.#requests.size > 0
  }

  #flow(request: RoutedRequest, paused: boolean): void {
    this.#paused -= request.paused
    request.paused = paused ? request.sampling.n : 0
    this.#paused += request.paused
    request.hold(paused)
  }

  /** Of one engine, and where it fails of one other. */
  async #askAny<T>(ask: (engine: Engine) => Promise<T>): Promise<T> {
    const ready = this.#upstreams.readyOfDefault()
    const [first, second] = ready
    if (first === undefined) throw new UnreachableError(`no engine is ready: ${this.#upstreams.describe()}`)
    try {
      return await ask(first.engine!)
    } catch (error) {
      const isFinal = failureKind(error as EngineError) === 'final'
      if (isFinal || second?.engine === undefined) throw error
      return await ask(second.engine)
    }
  }

  #mustBeOpen(): void {
    if (this.#isClosed) throw new EngineClosedError()
  }
}
