import type { Listed } from '../collections/index.ts'
import type { ChoiceEnd, EngineError, EventStream, ResolvedSampling } from '../engine/index.ts'
import { Sequence, type SequenceHost, type SequenceOwner } from './sequence.ts'

/** What a request uses of its engine. */
export interface RequestHost extends SequenceHost {
  /** When the first token is there, of one that has a slot `at` and this many prompt tokens to process. */
  prefilled(at: number, tokens: number): number
  /** It has something to hand out after this step. */
  touched(request: MockRequest): void
  over(request: MockRequest): void
}

export interface RequestSettings
  extends Pick<SequenceOwner, 'prompt' | 'sampling' | 'seed' | 'priority' | 'cacheSalt' | 'limit' | 'naturalEnd'> {
  readonly arrivedAt: number
}

/** One request: its answers, its times, and what its reader is told. */
export class MockRequest implements SequenceOwner, Listed {
  readonly sequences: readonly Sequence[]
  paused = 0
  readonly prompt: readonly number[]
  readonly sampling: ResolvedSampling
  readonly seed: number
  readonly priority: number
  readonly cacheSalt: string
  readonly limit: number
  readonly naturalEnd: number
  place = -1
  /** It has something to hand out. */
  isTouched = false
  /** Called once, when it has ended or was dropped. */
  onOver: (() => void) | undefined
  readonly #arrivedAt: number
  #admittedAt: number | undefined
  #readyAt = 0
  #cachedTokens = 0
  #firstTokenAt: number | undefined
  #lastTokenAt = 0

  constructor(
    readonly engine: RequestHost,
    readonly stream: EventStream,
    settings: RequestSettings,
  ) {
    this.prompt = settings.prompt
    this.sampling = settings.sampling
    this.seed = settings.seed
    this.priority = settings.priority
    this.cacheSalt = settings.cacheSalt
    this.limit = settings.limit
    this.naturalEnd = settings.naturalEnd
    this.#arrivedAt = settings.arrivedAt
    this.sequences = Array.from({ length: settings.sampling.n }, (_, choice) => new Sequence(this, choice))
  }

  /** The first answer processes the prompt; the others share it. Returns when it is processed. */
  admitted(stepAt: number, cachedTokens: number): number {
    // A step that is made up for may lie before the request came.
    const at = Math.max(stepAt, this.#arrivedAt)
    if (this.#admittedAt === undefined) {
      this.#admittedAt = at
      this.#cachedTokens = cachedTokens
      this.#readyAt = this.engine.prefilled(at, this.prompt.length - cachedTokens)
      this.engine.counts.promptTokens += this.prompt.length
      this.engine.counts.cachedTokens += cachedTokens
    }
    return Math.max(at, this.#readyAt)
  }

  stepped(at: number): void {
    if (this.#firstTokenAt === undefined) {
      this.#firstTokenAt = at
      this.stream.push({ type: 'start', promptTokens: this.prompt.length, cachedTokens: this.#cachedTokens })
    }
    this.#lastTokenAt = at
    this.engine.touched(this)
  }

  /** An answer ended. */
  ended(): void {
    const choices: ChoiceEnd[] = []
    let completionTokens = 0
    for (const { end } of this.sequences) {
      if (!end) return
      choices.push(end)
      completionTokens += end.completionTokens
    }
    const [admittedAt, firstTokenAt] = [this.#admittedAt!, this.#firstTokenAt!]
    this.stream.push({
      type: 'done',
      choices,
      usage: {
        promptTokens: this.prompt.length,
        cachedTokens: this.#cachedTokens,
        completionTokens,
      },
      timings: {
        queuedMs: admittedAt - this.#arrivedAt,
        prefillMs: firstTokenAt - admittedAt,
        decodeMs: this.#lastTokenAt - firstTokenAt,
      },
    })
    this.engine.over(this)
  }

  /** Frees its blocks; its sequences are out of the batch already. */
  fail(error: EngineError | undefined): void {
    for (const sequence of this.sequences) sequence.release()
    if (error) this.stream.fail(error)
    this.stream.wake()
  }
}
