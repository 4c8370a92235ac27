import { randomInt } from 'node:crypto'
import type { Worker } from 'node:worker_threads'
import {
  AbortedError,
  type Engine,
  EngineClosedError,
  type EngineError,
  type EngineErrorCode,
  type EngineHealth,
  type EngineInfo,
  type EngineStats,
  type Event,
  EventQueue,
  type GenerateOptions,
  type GenerateRequest,
  type Input,
  InternalError,
  InvalidRequestError,
  outputLimit,
  validateRequest,
} from '../engine/index.ts'
import type { Outcome } from './loop.ts'
import type { FromThread, ToThread } from './messages.ts'
import type { PromptEncoder } from './prompt-encoder.ts'

/**
 * The server's side of our engine: turns prompts into tokens, hands jobs to the engine's thread, and gives each request
 * its own events out of the one message that the thread sends a step.
 */
export class NativeEngine implements Engine {
  readonly #queues = new Map<number, EventQueue<Event>>()
  #jobs = 0
  #stats: EngineStats
  #health: EngineHealth = { status: 'ready' }
  readonly #exited: Promise<void>

  constructor(
    readonly info: EngineInfo,
    private readonly thread: Worker,
    private readonly encoder: PromptEncoder,
    stats: EngineStats,
  ) {
    this.#stats = stats
    thread.on('message', (message: FromThread) => this.#receive(message))
    thread.on('error', error => this.#fail(new InternalError(`the engine's thread failed: ${error.message}`)))
    this.#exited = new Promise(resolve => {
      thread.on('exit', () => {
        this.#fail(new InternalError("the engine's thread ended"))
        resolve()
      })
    })
    // An engine without requests keeps no program alive.
    thread.unref()
  }

  async *generate(request: GenerateRequest, { signal }: GenerateOptions = {}): AsyncGenerator<Event, void> {
    const sampling = validateRequest(request, this.info)
    if (signal?.aborted) throw new AbortedError()
    this.#assertReady()
    const prompt = this.#encode(request.input)
    const maxTokens = outputLimit(prompt.length, sampling, this.info)

    const id = ++this.#jobs
    const queue = new EventQueue<Event>()
    const abort = () => queue.fail(new AbortedError())
    signal?.addEventListener('abort', abort, { once: true })
    this.#queues.set(id, queue)
    this.thread.ref()
    this.#post({
      type: 'submit',
      job: {
        id,
        prompt,
        priority: request.priority ?? 0,
        sampling: {
          ...sampling,
          seed: sampling.seed ?? randomInt(2 ** 48 - 1),
          maxTokens,
        },
      },
    })
    try {
      yield* queue
    } finally {
      signal?.removeEventListener('abort', abort)
      // Still registered: its end was not received, so the thread still works on it.
      if (this.#queues.has(id)) this.#post({ type: 'abort', id })
      this.#forget(id)
    }
  }

  async tokenize(input: Input): Promise<readonly number[]> {
    return this.#encode(input)
  }

  async detokenize(ids: readonly number[]): Promise<string> {
    return this.encoder.decode(ids)
  }

  health(): EngineHealth {
    return this.#health
  }

  stats(): EngineStats {
    return this.#stats
  }

  async close(): Promise<void> {
    if (this.#health.status !== 'closed') {
      this.#end({ status: 'closed' }, new EngineClosedError())
      this.#post({ type: 'close' })
      this.thread.ref()
    }
    await this.#exited
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #encode(input: Input): readonly number[] {
    const tokens = this.encoder.encode(input)
    if (tokens.length === 0) throw new InvalidRequestError('the prompt is empty: give at least one token', 'prompt')
    return tokens
  }

  #assertReady(): void {
    if (this.#health.status === 'closed') throw new EngineClosedError()
    if (this.#health.status === 'failed') throw new InternalError(this.#health.reason ?? 'the engine failed')
  }

  #receive(message: FromThread): void {
    if (message.type !== 'step') return
    this.#stats = message.stats
    for (const outcome of message.outcomes) this.#deliver(outcome)
  }

  #deliver(outcome: Outcome): void {
    const queue = this.#queues.get(outcome.job)
    if (queue === undefined) return
    if ('failure' in outcome) {
      queue.fail(engineError(outcome.failure.code, outcome.failure.message))
      this.#forget(outcome.job)
      return
    }
    queue.push(outcome.event)
    if (outcome.event.type === 'done') {
      queue.end()
      this.#forget(outcome.job)
    }
  }

  #forget(id: number): void {
    this.#queues.delete(id)
    if (this.#queues.size === 0) this.thread.unref()
  }

  #fail(error: EngineError): void {
    if (this.#health.status === 'ready') this.#end({ status: 'failed', reason: error.message }, error)
  }

  #end(health: EngineHealth, error: EngineError): void {
    this.#health = health
    for (const queue of this.#queues.values()) queue.fail(error)
    this.#queues.clear()
    this.#stats = { ...this.#stats, running: 0, waiting: 0 }
  }

  #post(message: ToThread): void {
    this.thread.postMessage(message)
  }
}

function engineError(code: EngineErrorCode, message: string): EngineError {
  return code === 'invalid_request' ? new InvalidRequestError(message) : new InternalError(message)
}
