import type { Clock } from '../../clock/index.ts'
import {
  type Engine,
  EngineClosedError,
  type EngineHealth,
  type EngineInfo,
  type EngineStats,
  type Event,
  type GenerateOptions,
  type GenerateRequest,
  type Input,
  type MessagesInput,
  OverloadedError,
  type StepHistograms,
  type TokenizeOptions,
  UnreachableError,
} from '../../engine/index.ts'
import { createMockEngine, type MockOptions } from '../../mock/index.ts'
import { FaultyStream } from './faulty-stream.ts'
import { LocalClock } from './local-clock.ts'

export interface FaultyOptions extends Omit<MockOptions, 'clock'> {
  readonly clock: Clock
  /** What it says it is. Default `mock`. */
  readonly backend?: string
  /** Tokens come without their ids. Default false. */
  readonly hidesIds?: boolean
}

/**
 * A mock engine on a machine of its own, to which one connects, and where everything can go wrong that does on a network:
 * when the test says so, and by the test's clock.
 *
 * @example
 * const machine = new FaultyMachine({ clock })
 * const engine = await machine.connect()
 * machine.crash()
 */
export class FaultyMachine {
  /** What its health says, whatever is true; undefined tells the truth. */
  claims: EngineHealth['status'] | undefined
  /** Who asks is told to come back after so many ms; undefined takes requests. */
  refusesForMs: number | undefined
  /** Answers that begin from now on break off after so many tokens, or just before their end; undefined lets them through. */
  cutsAfter: number | 'end' | undefined
  #clock: LocalClock
  #inner: Engine
  #isDown = false
  readonly #streams = new Set<FaultyStream>()

  constructor(readonly options: FaultyOptions) {
    this.#clock = new LocalClock(options.clock)
    this.#inner = createMockEngine({ ...options, clock: this.#clock })
  }

  get isDown(): boolean {
    return this.#isDown
  }

  get inner(): Engine {
    return this.#inner
  }

  /** Answers that somebody reads. */
  get streams(): number {
    return this.#streams.size
  }

  /** @throws UnreachableError while it is down */
  async connect(): Promise<Engine> {
    if (this.#isDown) throw new UnreachableError('connection refused')
    return new Connection(this)
  }

  /** The process is gone, with its cache and all that it was doing. */
  crash(): void {
    this.#isDown = true
    this.breakStreams('the connection was reset')
    void this.#inner.close()
    this.#clock.stop()
  }

  /** It is back, with an empty cache. */
  restart(): void {
    this.#isDown = false
    this.#clock = new LocalClock(this.options.clock)
    this.#inner = createMockEngine({ ...this.options, clock: this.#clock })
  }

  /** 1 is its usual pace, 0 stands still: nothing is answered, and nothing is refused. */
  run(pace: number): void {
    this.#clock.pace = pace
  }

  /** All connections break, wherever their answers are. */
  breakStreams(message = 'the connection broke in mid-answer'): void {
    for (const stream of [...this.#streams]) stream.break(new UnreachableError(message))
  }

  health(): EngineHealth {
    const status = this.claims ?? (this.#isDown ? 'failed' : 'ready')
    return status === 'ready' ? { status } : { status, reason: this.#isDown ? 'connection refused' : 'so it says' }
  }

  generate(request: GenerateRequest, options: GenerateOptions): FaultyStream {
    const stream = new FaultyStream(
      new Late(() => this.#begin(request, options)),
      { cutAfter: this.cutsAfter, hidesIds: this.options.hidesIds ?? false },
      ended => this.#streams.delete(ended),
    )
    this.#streams.add(stream)
    return stream
  }

  #begin(request: GenerateRequest, options: GenerateOptions): AsyncIterator<Event, undefined> {
    if (this.#isDown) throw new UnreachableError('connection refused')
    if (this.refusesForMs !== undefined) throw new OverloadedError('the queue is full', this.refusesForMs)
    return this.#inner.generate(request, options)[Symbol.asyncIterator]()
  }
}

/** An iterator that is made at the first `next`, as the contract wants requests to begin there. */
class Late implements AsyncIterator<Event, undefined> {
  #inner: AsyncIterator<Event, undefined> | undefined

  constructor(private readonly make: () => AsyncIterator<Event, undefined>) {}

  async next(): Promise<IteratorResult<Event, undefined>> {
    this.#inner ??= this.make()
    return this.#inner.next()
  }

  async return(): Promise<IteratorResult<Event, undefined>> {
    await this.#inner?.return?.()
    return { done: true, value: undefined }
  }
}

/** A machine, as the one who connected to it sees it. */
class Connection implements Engine {
  readonly #streams = new Set<FaultyStream>()
  #isClosed = false

  constructor(private readonly machine: FaultyMachine) {}

  get info(): EngineInfo {
    const { inner, options } = this.machine
    return { ...inner.info, backend: options.backend ?? inner.info.backend }
  }

  generate(request: GenerateRequest, options: GenerateOptions = {}): AsyncIterable<Event> {
    const stream = this.machine.generate(request, options)
    if (this.#isClosed) stream.break(new EngineClosedError())
    else this.#streams.add(stream)
    return stream
  }

  async render(input: MessagesInput): Promise<string> {
    return this.#inner.render(input)
  }

  async tokenize(input: Input, options?: TokenizeOptions): Promise<readonly number[]> {
    return this.#inner.tokenize(input, options)
  }

  async detokenize(ids: readonly number[]): Promise<string> {
    return this.#inner.detokenize(ids)
  }

  async pieces(ids: readonly number[]): Promise<readonly Uint8Array[]> {
    return this.#inner.pieces(ids)
  }

  health(): EngineHealth {
    return this.#isClosed ? { status: 'closed', reason: 'the engine was closed' } : this.machine.health()
  }

  stats(): EngineStats {
    return this.machine.inner.stats()
  }

  histograms(): StepHistograms {
    return this.machine.inner.histograms()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const stream of this.#streams) stream.break(new EngineClosedError())
    this.#streams.clear()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  get #inner(): Engine {
    if (this.#isClosed) throw new EngineClosedError()
    if (this.machine.isDown) throw new UnreachableError('connection refused')
    return this.machine.inner
  }
}
