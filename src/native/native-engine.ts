import { randomInt } from 'node:crypto'
import {
  AbortedError,
  ContextLengthError,
  countedTokens,
  type Engine,
  EngineClosedError,
  type EngineError,
  type EngineHealth,
  type EngineInfo,
  type EngineStats,
  type Event,
  EventStream,
  type GenerateOptions,
  type GenerateRequest,
  type Input,
  InternalError,
  InvalidRequestError,
  type MessagesInput,
  outputLimit,
  type StepHistograms,
  StepMeter,
  type TokenizeOptions,
  validateInput,
  validateRequest,
  validateTokenIds,
} from '../engine/index.ts'
import { TooManyTokensError } from '../formats/index.ts'
import type { EngineHost } from './engine-host.ts'
import type { Job } from './job.ts'
import type { FromThread, ToThread } from './messages.ts'
import type { PromptEncoder } from './prompt-encoder.ts'

interface RunningRequest {
  readonly stream: EventStream
  /** Lets go of the caller's signal. */
  readonly over: () => void
}

/**
 * The server's side of our engine: turns prompts into tokens, hands jobs to the engine's thread, and gives each request
 * its own events out of the one message that the thread sends a step.
 */
export class NativeEngine implements Engine {
  readonly #requests = new Map<number, RunningRequest>()
  #jobs = 0
  #stats: EngineStats
  readonly #steps = new StepMeter()
  #health: EngineHealth = { status: 'ready' }
  readonly #exited: Promise<void>

  constructor(
    readonly info: EngineInfo,
    private readonly host: EngineHost,
    private readonly encoder: PromptEncoder,
    stats: EngineStats,
  ) {
    this.#stats = stats
    host.on('message', (message: FromThread) => this.#receive(message))
    host.on('error', error => this.#fail(new InternalError(`the engine failed: ${error.message}`)))
    this.#exited = new Promise(resolve => {
      host.on('exit', how => {
        this.#fail(new InternalError(how))
        resolve()
      })
    })
    // An engine without requests keeps no program alive.
    host.unref()
  }

  generate(request: GenerateRequest, { signal }: GenerateOptions = {}): AsyncIterable<Event> {
    let id: number | undefined
    const abort = () => id !== undefined && this.#abandon(id, new AbortedError(undefined, { cause: signal?.reason }))
    const stream: EventStream = new EventStream(
      () => {
        const job = this.#job(request)
        if (signal?.aborted) throw new AbortedError(undefined, { cause: signal.reason })
        id = job.id
        signal?.addEventListener('abort', abort, { once: true })
        this.#requests.set(id, { stream, over: () => signal?.removeEventListener('abort', abort) })
        this.host.ref()
        this.#post({ type: 'submit', job })
      },
      () => id !== undefined && this.#abandon(id, undefined),
      paused => id !== undefined && this.#post({ type: 'pause', id, paused }),
    )
    return stream
  }

  async render(input: MessagesInput): Promise<string> {
    validateInput(input, this.info)
    return this.encoder.render(input)
  }

  async tokenize(input: Input, options?: TokenizeOptions): Promise<readonly number[]> {
    validateInput(input, this.info)
    return this.#encode(input, options)
  }

  async detokenize(ids: readonly number[]): Promise<string> {
    validateTokenIds(ids, this.info)
    return this.encoder.decode(ids)
  }

  async pieces(ids: readonly number[]): Promise<readonly Uint8Array[]> {
    validateTokenIds(ids, this.info)
    return ids.map(id => this.encoder.tokenizer.tokenBytes(id))
  }

  health(): EngineHealth {
    return this.#health
  }

  stats(): EngineStats {
    return this.#stats
  }

  histograms(): StepHistograms {
    return this.#steps.snapshot()
  }

  async close(): Promise<void> {
    if (this.#health.status !== 'closed') {
      this.#end({ status: 'closed' }, new EngineClosedError())
      this.#post({ type: 'close' })
      this.host.ref()
    }
    await this.#exited
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #encode(input: Input, options?: TokenizeOptions): readonly number[] {
    const tokens = this.#tokensOf(input, options)
    if (tokens.length === 0) throw new InvalidRequestError('the prompt is empty: give at least one token', 'input.text')
    return tokens
  }

  #tokensOf(input: Input, options?: TokenizeOptions): readonly number[] {
    try {
      return this.encoder.encode(input, options)
    } catch (error) {
      if (!(error instanceof TooManyTokensError)) throw error
      throw new ContextLengthError(error.atLeast, this.info.contextLength, false)
    }
  }

  /** Everything decided: what the thread needs to know of a request. */
  #job(request: GenerateRequest): Job {
    if (this.#health.status === 'closed') throw new EngineClosedError()
    if (this.#health.status === 'failed') throw new InternalError(this.#health.reason ?? 'the engine failed')
    const sampling = validateRequest(request, this.info)
    const prompt = this.#encode(request.input, { limit: countedTokens(this.info) })
    const maxTokens = outputLimit(prompt.length, sampling, this.info)
    return {
      id: ++this.#jobs,
      prompt,
      priority: request.priority ?? 0,
      cacheSalt: request.cacheSalt ?? '',
      sampling: { ...sampling, seed: sampling.seed ?? randomInt(2 ** 48 - 1), maxTokens },
    }
  }

  #receive(message: FromThread): void {
    if (message.type === 'failed') this.#fail(new InternalError(message.message))
    if (message.type !== 'step' || this.#health.status !== 'ready') return
    this.#stats = message.stats
    if (message.tokens > 0) this.#steps.record(message.ms, message.tokens, message.hostMs)
    const reached = new Set<EventStream>()
    for (const outcome of message.outcomes) {
      const request = this.#requests.get(outcome.job)
      // Aborted while the message was under way.
      if (request === undefined) continue
      reached.add(request.stream)
      if ('failure' in outcome) request.stream.fail(new InternalError(outcome.failure.message))
      else request.stream.push(outcome.event)
      if ('failure' in outcome || outcome.event.type === 'done') this.#forget(outcome.job)
    }
    for (const stream of reached) stream.wake()
  }

  /** Ends a request from this side; with an error where its reader is still there to see it. */
  #abandon(id: number, error: EngineError | undefined): void {
    const request = this.#requests.get(id)
    if (request === undefined) return
    this.#post({ type: 'abort', id })
    this.#forget(id)
    if (error === undefined) return
    request.stream.fail(error)
    request.stream.wake()
  }

  #forget(id: number): void {
    this.#requests.get(id)?.over()
    this.#requests.delete(id)
    if (this.#requests.size === 0) this.host.unref()
  }

  #fail(error: EngineError): void {
    if (this.#health.status === 'ready') this.#end({ status: 'failed', reason: error.message }, error)
  }

  #end(health: EngineHealth, error: EngineError): void {
    this.#health = health
    this.#stats = { ...this.#stats, running: 0, waiting: 0, paused: 0, kvBlocksUsed: 0 }
    for (const { stream, over } of this.#requests.values()) {
      over()
      stream.fail(error)
      stream.wake()
    }
    this.#requests.clear()
  }

  #post(message: ToThread): void {
    this.host.postMessage(message)
  }
}
