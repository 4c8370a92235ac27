import type { Event } from './events.ts'
import type { GenerateOptions, GenerateRequest, Input, MessagesInput, TokenizeOptions } from './request.ts'
import type { SamplingParams } from './sampling.ts'
import type { StepHistograms } from './step-meter.ts'

/**
 * What takes a prompt and yields tokens. A model on a CPU or GPU, a server elsewhere, a clock that pretends, many of
 * these behind one queue: all are this, and all that serves, measures or schedules speaks to this alone.
 *
 * @example
 * for await (const event of engine.generate({ input: { text: 'Once' }, sampling: { maxTokens: 8 } })) {
 *   if (event.type === 'tokens') process.stdout.write(event.text)
 * }
 */
export interface Engine extends AsyncDisposable {
  readonly info: EngineInfo

  /**
   * Yields one `start`, any number of `tokens`, then exactly one `done`; or throws one `EngineError` at any point.
   * The request is validated and queued on the first `next()`. Leaving the loop early aborts it. Reading slowly holds up
   * this request alone: from `UNREAD_LIMIT` tokens on it gets no more until what is there has been fetched.
   *
   * @throws InvalidRequestError, ContextLengthError, UnsupportedError, OverloadedError, DeadlineExceededError, AbortedError,
   *   EngineClosedError, InternalError
   */
  generate(request: GenerateRequest, options?: GenerateOptions): AsyncIterable<Event>

  /**
   * The text that the model's chat template makes of a chat, up to where the answer begins.
   *
   * @throws InvalidRequestError, UnsupportedError (without a chat template), InternalError
   */
  render(input: MessagesInput): Promise<string>

  /**
   * The token ids that `generate` would begin with.
   *
   * @throws InvalidRequestError, UnsupportedError, InternalError, ContextLengthError (beyond `limit`; token ids that fill the context)
   */
  tokenize(input: Input, options?: TokenizeOptions): Promise<readonly number[]>

  /** The text of these ids, special tokens included. */
  detokenize(ids: readonly number[]): Promise<string>

  /**
   * The bytes of each id alone, which need not be whole characters; none for an id that stands for nothing. Where a text
   * begins, some tokenizers leave out the space that they tell here.
   */
  pieces(ids: readonly number[]): Promise<readonly Uint8Array[]>

  health(): EngineHealth

  /** A snapshot; cheap enough to be read for every request. */
  stats(): EngineStats

  /**
   * Asks a server elsewhere how many sequences it runs and lets wait, whoever they are for; undefined where it does not
   * tell. Never throws. Without it, {@link Engine.stats} tells all there is.
   */
  load?(): Promise<EngineLoad | undefined>

  /** What its steps were like since the start; for a scrape. */
  histograms(): StepHistograms

  /** Ends running requests with `EngineClosedError` and frees everything. Idempotent. */
  close(): Promise<void>
}

/** More than any model's: what is not known bounds nothing. */
export const UNKNOWN_CONTEXT = 2 ** 31 - 1

export interface EngineInfo {
  /** What clients call it, e.g. `ember`. */
  readonly model: string
  /** What computes, e.g. `native/cpu`, `mock`. */
  readonly backend: string
  /** Tokens, prompt and output together; {@link UNKNOWN_CONTEXT} of a server that does not tell. */
  readonly contextLength: number
  /** 0 of a server that does not tell. */
  readonly vocabSize: number
  /** Number of weights; 0 where there are none. */
  readonly parameters: number
  /** Storage type of the weights, e.g. `bf16`, `int8`; `none` where there are none. */
  readonly weightType: string
  /** Sequences that one step may hold; more wait. */
  readonly maxSequences: number
  /** Tokens in a KV block; 0 where there are none. */
  readonly kvBlockSize: number
  /**
   * `elsewhere`: turning text into tokens asks another machine, so whoever only wants to know how much a prompt is
   * {@link estimateTokens | estimates} it. Default `here`.
   */
  readonly tokenizer?: 'here' | 'elsewhere'
  /** Whether prompts of unequal {@link GenerateRequest.cacheSalt} share nothing. Default true; without, a salt is refused. */
  readonly cacheSalts?: boolean
  /** Where there are several, all models that may be asked for, the default first. Default: {@link EngineInfo.model} alone. */
  readonly models?: readonly string[]
  /** Whether `input.messages` works. */
  readonly chat: boolean
  /** The source of the model's chat template, in Jinja; absent where the model has none. */
  readonly chatTemplate?: string
  /** Bytes taken at load, by purpose; absent where the engine takes none. */
  readonly memory?: Readonly<Record<string, number>>
  /** What the model's files say about sampling; wins over the contract's defaults. */
  readonly samplingDefaults: SamplingParams
}

/** Of a server, all its callers together. */
export interface EngineLoad {
  /** Sequences that it computes. */
  readonly running: number
  /** Requests that wait for their first step. */
  readonly waiting: number
}

export interface EngineHealth {
  /** `waiting`: for what it does not compute with itself, and ready again once that is; nobody need open it anew. */
  readonly status: 'ready' | 'waiting' | 'failed' | 'closed'
  /** Why, when not ready; for everybody to read. */
  readonly reason?: string
}

export interface EngineStats {
  /** Sequences in the current step. */
  readonly running: number
  /** Sequences waiting for their first step, or for their next after a preemption. */
  readonly waiting: number
  /** Sequences, running or waiting, that are held up because their reader does not read. */
  readonly paused: number
  readonly kvBlocksTotal: number
  readonly kvBlocksUsed: number
  /** Since the start: */
  readonly requests: number
  readonly steps: number
  readonly promptTokens: number
  readonly cachedTokens: number
  readonly generatedTokens: number
  readonly preemptions: number
}
