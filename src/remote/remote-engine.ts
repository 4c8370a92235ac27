import { type Clock, systemClock } from '../clock/index.ts'
import { Roster } from '../collections/index.ts'
import {
  AbortedError,
  type Engine,
  EngineClosedError,
  type EngineError,
  type EngineHealth,
  type EngineInfo,
  type EngineLoad,
  type EngineStats,
  type Event,
  EventStream,
  type GenerateOptions,
  type GenerateRequest,
  type Input,
  type MessagesInput,
  type StepHistograms,
  StepMeter,
  type TokenizeOptions,
  UNKNOWN_CONTEXT,
  validateInput,
  validateRequest,
  validateTokenIds,
} from '../engine/index.ts'
import type { Connection } from './connection.ts'
import type { FoundOut } from './find-out.ts'
import { Health } from './health.ts'
import { REMOTE_DEFAULTS, type RemoteApi, type RemoteOptions } from './options.ts'
import { RemoteRequest, type RequestHost } from './remote-request.ts'
import type { BodySettings, Route } from './request-body.ts'
import { serverLoad } from './server-load.ts'
import { Tokenizer } from './tokenizer.ts'

/** Nothing is known of a server's steps. */
const NO_STEPS = new StepMeter().snapshot()

/** A server elsewhere, as an engine. What it counts is what went through here. */
export class RemoteEngine implements Engine, RequestHost {
  readonly info: EngineInfo
  readonly settings: BodySettings
  readonly tokenizer: Tokenizer
  readonly retries: number
  readonly clock: Clock
  readonly #api: RemoteApi
  readonly #health: Health
  readonly #requests = new Roster<RemoteRequest>()
  readonly #counts = { requests: 0, promptTokens: 0, cachedTokens: 0, generatedTokens: 0 }
  /** Sequences. */
  #paused = 0
  #isClosed = false

  constructor(
    readonly connection: Connection,
    { dialect, info }: FoundOut,
    options: RemoteOptions,
  ) {
    const { api, retries, streaming } = { ...REMOTE_DEFAULTS, ...options }
    this.info = info
    const contextLength = info.contextLength === UNKNOWN_CONTEXT ? undefined : info.contextLength
    this.settings = { dialect, model: info.model, contextLength, streaming }
    this.#api = api
    this.retries = retries
    this.clock = options.clock ?? systemClock
    this.tokenizer = new Tokenizer(connection, this.settings)
    this.#health = new Health(connection)
  }

  generate(request: GenerateRequest, { signal }: GenerateOptions = {}): AsyncIterable<Event> {
    let running: RemoteRequest | undefined
    const abort = () => running && this.#drop(running, new AbortedError(undefined, { cause: signal?.reason }))
    const begin = () => {
      running = this.#begin(request, stream, signal)
      signal?.addEventListener('abort', abort, { once: true })
      running.onOver = () => signal?.removeEventListener('abort', abort)
      running.begin()
    }
    const leave = () => running && this.#drop(running, undefined)
    const stream = new EventStream(begin, leave, paused => running && this.#flow(running, paused))
    return stream
  }

  async render(input: MessagesInput): Promise<string> {
    this.#mustBeOpen()
    validateInput(input, this.info)
    return this.tokenizer.render(input)
  }

  async tokenize(input: Input, options?: TokenizeOptions): Promise<readonly number[]> {
    this.#mustBeOpen()
    validateInput(input, this.info)
    return this.tokenizer.tokenize(input, options)
  }

  async detokenize(ids: readonly number[]): Promise<string> {
    this.#mustBeOpen()
    validateTokenIds(ids, this.info)
    return this.tokenizer.detokenize(ids)
  }

  async pieces(ids: readonly number[]): Promise<readonly Uint8Array[]> {
    this.#mustBeOpen()
    validateTokenIds(ids, this.info)
    return this.tokenizer.pieces(ids)
  }

  health(): EngineHealth {
    return this.#health.state
  }

  stats(): EngineStats {
    const { requests } = this.#counts
    let { promptTokens, cachedTokens, generatedTokens } = this.#counts
    let running = 0
    for (const { answer } of this.#requests) {
      running += answer.running
      promptTokens += answer.usage.promptTokens
      cachedTokens += answer.usage.cachedTokens
      generatedTokens += answer.tokens
    }
    return {
      requests,
      running,
      promptTokens,
      cachedTokens,
      generatedTokens,
      waiting: 0,
      paused: this.#paused,
      kvBlocksTotal: 0,
      kvBlocksUsed: 0,
      steps: 0,
      preemptions: 0,
    }
  }

  load(): Promise<EngineLoad | undefined> {
    const { load } = this.settings.dialect
    return load === undefined || this.#isClosed ? Promise.resolve(undefined) : serverLoad(this.connection, load)
  }

  histograms(): StepHistograms {
    return NO_STEPS
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#health.close()
    for (const request of this.#requests) this.#drop(request, new EngineClosedError())
    await this.connection.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  over(request: RemoteRequest, error: EngineError | undefined, reached: boolean | undefined): void {
    this.#leave(request)
    if (reached) this.#health.wasReached()
    else if (reached === false && error !== undefined) this.#health.wasNotReached(error.message)
  }

  #begin(request: GenerateRequest, stream: EventStream, signal: AbortSignal | undefined): RemoteRequest {
    this.#mustBeOpen()
    validateRequest(request, this.info)
    if (signal?.aborted) throw new AbortedError(undefined, { cause: signal.reason })
    const running = new RemoteRequest(this, stream, request, this.#routeOf(request.input))
    this.#counts.requests++
    this.#requests.add(running)
    return running
  }

  #routeOf(input: Input): Route {
    if (this.#api === 'auto') return 'messages' in input ? 'chat' : 'completions'
    return this.#api
  }

  #drop(request: RemoteRequest, error: EngineError | undefined): void {
    if (request.place < 0) return
    this.#leave(request)
    request.drop(error)
  }

  #leave(request: RemoteRequest): void {
    if (request.place < 0) return
    this.#requests.delete(request)
    this.#flow(request, false)
    request.onOver?.()
    const { usage } = request.answer
    this.#counts.promptTokens += usage.promptTokens
    this.#counts.cachedTokens += usage.cachedTokens
    this.#counts.generatedTokens += usage.completionTokens
  }

  #flow(request: RemoteRequest, paused: boolean): void {
    this.#paused -= request.paused
    request.paused = paused ? request.answer.running : 0
    this.#paused += request.paused
    request.hold(paused)
  }

  #mustBeOpen(): void {
    if (this.#isClosed) throw new EngineClosedError()
  }
}
