import { type Clock, preciseClock, systemClock } from '../clock/index.ts'
import { Roster } from '../collections/index.ts'
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
  type MessagesInput,
  outputLimit,
  type StepHistograms,
  type TokenizeOptions,
  validateInput,
  validateRequest,
  validateTokenIds,
} from '../engine/index.ts'
import { Batch } from './batch.ts'
import { BLOCK_SIZE } from './block-keys.ts'
import { hash } from './hash.ts'
import { blocksFor, KvBlocks } from './kv-blocks.ts'
import { MOCK_DEFAULTS, type MockOptions, parseMockUrl } from './options.ts'
import { MockRequest, type RequestHost } from './request.ts'
import { Stall } from './stall.ts'
import { Vocabulary } from './vocabulary.ts'

/** Each message a line. {@link render} does the same without a template engine. */
const CHAT_TEMPLATE =
  "{% for message in messages %}{{ message.role + ': ' + message.content + '\\n' }}{% endfor %}assistant:"

function render({ messages }: MessagesInput): string {
  let text = ''
  for (const { role, content } of messages) text += `${role}: ${content}\n`
  return `${text}assistant:`
}

/**
 * An engine that computes nothing and emits words at a set pace, as a server with continuous batching would: so that
 * all that stands above an engine can be tested and measured without a model.
 *
 * Text depends on (seed, choice, position) alone, at temperature 0 on what stands before it alone; so an answer can be gone
 * on with, by a prompt that ends with what there is of it.
 *
 * @example
 * const engine = createMockEngine({ ttftMs: 20, itlMs: 5 })
 */
export function createMockEngine(options: MockOptions = {}): Engine {
  return new MockEngine(options)
}

/**
 * Opens a `mock:` target, which takes as long as its setting `load` says.
 *
 * @throws InvalidTargetError
 *
 * @example
 * const engine = await openMock('mock:?ttft=20ms&itl=5ms&slots=256')
 */
export async function openMock(url: string, { clock: given }: { clock?: Clock } = {}): Promise<Engine> {
  const options = parseMockUrl(url)
  const clock = given ?? clockOf(options)
  const loadMs = options.loadMs ?? MOCK_DEFAULTS.loadMs
  if (loadMs > 0) await new Promise<void>(resolve => clock.at(clock.now() + loadMs, resolve))
  return createMockEngine({ ...options, clock })
}

function clockOf({ pace }: MockOptions): Clock {
  return pace === 'precise' ? preciseClock() : systemClock
}

class MockEngine implements Engine, RequestHost {
  readonly info: EngineInfo
  readonly vocabulary: Vocabulary
  readonly blocks: KvBlocks
  readonly counts = { requests: 0, promptTokens: 0, cachedTokens: 0, generatedTokens: 0 }
  readonly #options: Required<Omit<MockOptions, 'clock'>>
  readonly #stall: Stall
  readonly #clock: Clock
  readonly #batch: Batch
  readonly #requests = new Roster<MockRequest>()
  #touched: MockRequest[] = []
  /** Sequences. */
  #paused = 0
  #closed = false

  constructor(options: MockOptions) {
    const settings = { ...MOCK_DEFAULTS, clock: options.clock ?? clockOf(options), ...options }
    const { vocabSize, contextLength, slots, model, clock } = settings
    this.#options = settings
    this.#clock = clock
    this.info = {
      model,
      backend: 'mock',
      contextLength,
      vocabSize,
      parameters: 0,
      weightType: 'none',
      maxSequences: slots,
      kvBlockSize: BLOCK_SIZE,
      chat: true,
      chatTemplate: CHAT_TEMPLATE,
      samplingDefaults: {},
    }
    this.vocabulary = new Vocabulary(vocabSize)
    // As many as all slots could ever fill: the mock never has to preempt.
    this.blocks = new KvBlocks(slots * blocksFor(contextLength), settings.prefixCache)
    this.#stall = new Stall(settings.stall)
    this.#batch = new Batch({ ...settings, stall: this.#stall, handOut: () => this.#handOut() })
  }

  generate(request: GenerateRequest, { signal }: GenerateOptions = {}): AsyncIterable<Event> {
    let running: MockRequest | undefined
    const abort = () => running && this.#drop(running, new AbortedError(undefined, { cause: signal?.reason }))
    const begin = () => {
      running = this.#begin(request, stream, signal)
      signal?.addEventListener('abort', abort, { once: true })
      running.onOver = () => signal?.removeEventListener('abort', abort)
      for (const sequence of running.sequences) this.#batch.add(sequence)
    }
    const leave = () => running && this.#drop(running, undefined)
    const stream = new EventStream(begin, leave, paused => running && this.#flow(running, paused))
    return stream
  }

  async render(input: MessagesInput): Promise<string> {
    validateInput(input, this.info)
    return render(input)
  }

  async tokenize(input: Input, { limit }: TokenizeOptions = {}): Promise<readonly number[]> {
    validateInput(input, this.info)
    return this.#promptOf(input, limit)
  }

  async detokenize(ids: readonly number[]): Promise<string> {
    validateTokenIds(ids, this.info)
    return this.vocabulary.detokenize(ids)
  }

  async pieces(ids: readonly number[]): Promise<readonly Uint8Array[]> {
    validateTokenIds(ids, this.info)
    return ids.map(id => Buffer.from(this.vocabulary.text(id)))
  }

  health(): EngineHealth {
    return this.#closed ? { status: 'closed', reason: 'the engine was closed' } : { status: 'ready' }
  }

  stats(): EngineStats {
    const { requests, promptTokens, cachedTokens, generatedTokens } = this.counts
    return {
      requests,
      promptTokens,
      cachedTokens,
      generatedTokens,
      running: this.#batch.running,
      waiting: this.#batch.waiting,
      paused: this.#paused,
      kvBlocksTotal: this.blocks.total,
      kvBlocksUsed: this.blocks.used,
      steps: this.#batch.steps,
      preemptions: 0,
    }
  }

  histograms(): StepHistograms {
    return this.#batch.meter.snapshot()
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const request of this.#requests) this.#drop(request, new EngineClosedError())
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  prefilled(at: number, tokens: number): number {
    return this.#stall.after(at, this.#options.ttftMs + (tokens / this.#options.prefillTokensPerSecond) * 1000)
  }

  touched(request: MockRequest): void {
    if (request.isTouched) return
    request.isTouched = true
    this.#touched.push(request)
  }

  over(request: MockRequest): void {
    this.#requests.delete(request)
    this.#count(request, false)
    request.onOver?.()
  }

  #begin(request: GenerateRequest, stream: EventStream, signal: AbortSignal | undefined): MockRequest {
    if (this.#closed) throw new EngineClosedError()
    const sampling = validateRequest(request, this.info)
    const prompt = this.#promptOf(request.input, countedTokens(this.info))
    const limit = outputLimit(prompt.length, sampling, this.info)
    if (signal?.aborted) throw new AbortedError(undefined, { cause: signal.reason })
    const arrivedAt = this.#clock.now()
    if (this.counts.requests++ === 0) this.#stall.begin(arrivedAt)
    const running = new MockRequest(this, stream, {
      prompt,
      sampling,
      limit,
      seed: sampling.seed ?? hash(this.#options.seed, this.counts.requests),
      priority: request.priority ?? 0,
      cacheSalt: request.cacheSalt ?? '',
      naturalEnd: sampling.ignoreEos ? Number.POSITIVE_INFINITY : Math.max(this.#options.tokens, sampling.minTokens),
      arrivedAt,
    })
    this.#requests.add(running)
    return running
  }

  #promptOf(input: Input, limit = Number.POSITIVE_INFINITY): readonly number[] {
    if ('tokens' in input) return input.tokens
    const ids = this.vocabulary.tokenize('text' in input ? input.text : render(input), limit)
    if (ids.length > limit) throw new ContextLengthError(ids.length, this.info.contextLength, false)
    return ids
  }

  #flow(request: MockRequest, paused: boolean): void {
    this.#count(request, paused)
    if (!paused) this.#batch.resume(request.sequences)
  }

  /** Statistics are read at every request: what is paused is not looked for then. */
  #count(request: MockRequest, paused: boolean): void {
    this.#paused -= request.paused
    request.paused = paused ? request.sequences.filter(({ end }) => end === undefined).length : 0
    this.#paused += request.paused
  }

  #drop(request: MockRequest, error: EngineError | undefined): void {
    if (request.place < 0) return
    for (const sequence of request.sequences) this.#batch.remove(sequence)
    this.over(request)
    request.fail(error)
  }

  #handOut(): void {
    const touched = this.#touched
    this.#touched = []
    for (const request of touched) {
      request.isTouched = false
      request.stream.wake()
    }
  }
}
