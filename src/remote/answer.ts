import {
  type ChoiceEnd,
  type ChosenLogprob,
  type DoneEvent,
  type EventStream,
  type FinishReason,
  type Timeline,
  type Timings,
  UNKNOWN_TOKEN,
  type Usage,
} from '../engine/index.ts'

interface Choice {
  /** Of this read of the socket. */
  text: string
  ids: number[]
  logprobs: ChosenLogprob[] | undefined
  isTouched: boolean
  /** Of the whole answer. */
  tokens: number
  finish: FinishReason | undefined
  stop: string | number | undefined
}

/**
 * What a server says of one request, as the contract's events: what one read of the socket brings for a choice is one
 * event, as it came at one time.
 */
export class Answer {
  readonly #choices: Choice[]
  #promptTokens = 0
  #cachedTokens = 0
  #completionTokens: number | undefined
  #timings: Timings = { queuedMs: 0, prefillMs: 0, decodeMs: 0 }
  #timeline: Timeline | undefined
  #promptIds: readonly number[] | undefined
  #begun = false
  #running: number
  /** Tokens that were handed out. */
  tokens = 0
  /** It comes in one piece, with its usage. */
  isWhole = false

  constructor(
    private readonly stream: EventStream,
    n: number,
    /** Where the server does not tell: of a prompt of token ids. */
    promptTokens: number,
    /** Some servers name the model's own end token, too: that is none of these. */
    private readonly stopTokenIds: readonly number[] = [],
  ) {
    this.#choices = Array.from({ length: n }, () => ({
      text: '',
      ids: [],
      logprobs: undefined,
      isTouched: false,
      tokens: 0,
      finish: undefined,
      stop: undefined,
    }))
    this.#running = n
    this.#promptTokens = promptTokens
  }

  /** Choices that have not ended. */
  get running(): number {
    return this.#running
  }

  get usage(): Usage {
    return {
      promptTokens: this.#promptTokens,
      cachedTokens: this.#cachedTokens,
      completionTokens: this.#completionTokens ?? this.tokens,
    }
  }

  /** The prompt was processed. */
  begin(): void {
    if (this.#begun) return
    this.#begun = true
    const [promptTokens, cachedTokens, promptIds] = [this.#promptTokens, this.#cachedTokens, this.#promptIds]
    this.stream.push(
      promptIds === undefined
        ? { type: 'start', promptTokens, cachedTokens }
        : { type: 'start', promptTokens, cachedTokens, promptIds },
    )
  }

  /** `ids`: undefined where they are not told; each piece of text is then one token, unless the usage says better. */
  take(
    index: number,
    text: string,
    ids: readonly number[] | undefined,
    logprobs: readonly ChosenLogprob[] | undefined,
  ): void {
    const choice = this.#choices[index]
    if (choice === undefined) return
    if (ids !== undefined) for (const id of ids) choice.ids.push(id)
    else if (logprobs !== undefined) for (const { id } of logprobs) choice.ids.push(id)
    else if (text !== '') for (let i = this.#tokensOfText(); i > 0; i--) choice.ids.push(UNKNOWN_TOKEN)
    else return
    choice.isTouched = true
    choice.text += text
    if (logprobs === undefined) return
    choice.logprobs ??= []
    for (const logprob of logprobs) choice.logprobs.push(logprob)
  }

  #tokensOfText(): number {
    const isCounted = this.isWhole && this.#choices.length === 1
    return (isCounted ? this.#completionTokens : undefined) ?? 1
  }

  finish(index: number, reason: FinishReason, stop: string | number | undefined): void {
    const choice = this.#choices[index]
    if (choice === undefined) return
    if (choice.finish === undefined) this.#running--
    choice.finish = reason
    choice.stop = typeof stop === 'number' && !this.stopTokenIds.includes(stop) ? undefined : stop
  }

  count(promptTokens: number | undefined, cachedTokens: number | undefined, completionTokens?: number): void {
    this.#promptTokens = promptTokens ?? this.#promptTokens
    this.#cachedTokens = cachedTokens ?? this.#cachedTokens
    this.#completionTokens = completionTokens ?? this.#completionTokens
  }

  /** The prompt as the server has it. */
  prompt(ids: readonly number[]): void {
    this.#promptIds = ids
    this.#promptTokens = ids.length
  }

  /** Of one choice. */
  add(completionTokens: number | undefined): void {
    if (completionTokens === undefined) return
    this.#completionTokens = (this.#completionTokens ?? 0) + completionTokens
  }

  /** What is undefined changes nothing, here as in all that tells. */
  time(queuedMs: number | undefined, prefillMs: number | undefined, decodeMs: number | undefined): void {
    this.#timings = {
      queuedMs: queuedMs ?? this.#timings.queuedMs,
      prefillMs: prefillMs ?? this.#timings.prefillMs,
      decodeMs: decodeMs ?? this.#timings.decodeMs,
    }
  }

  tell(timeline: Timeline | undefined): void {
    this.#timeline = timeline ?? this.#timeline
  }

  /** Hands on what has come since the last time. */
  flush(): void {
    let begun = this.#begun
    for (let index = 0; index < this.#choices.length; index++) {
      const choice = this.#choices[index]!
      if (!choice.isTouched) continue
      if (!begun) {
        this.begin()
        begun = true
      }
      const { text, ids, logprobs } = choice
      choice.isTouched = false
      choice.tokens += ids.length
      this.tokens += ids.length
      choice.text = ''
      choice.ids = []
      choice.logprobs = undefined
      this.stream.push(
        logprobs === undefined
          ? { type: 'tokens', choice: index, ids, text }
          : { type: 'tokens', choice: index, ids, text, logprobs },
      )
    }
  }

  done(): DoneEvent {
    const { usage } = this
    // Tokens that no text tells of, as end tokens and those of stop strings, are known as a sum alone.
    let hidden = usage.completionTokens - this.tokens
    const stopped = this.#choices.filter(({ finish }) => finish !== 'length')
    let sharers = stopped.length || this.#choices.length
    const ends = this.#choices.map(({ tokens, finish = 'stop', stop }): ChoiceEnd => {
      const share = finish === 'length' && stopped.length > 0 ? 0 : Math.ceil(hidden / sharers--)
      hidden -= share
      const end = { finishReason: finish, completionTokens: Math.max(0, tokens + share) }
      return stop === undefined ? end : { ...end, stop }
    })
    const timings = this.#timings
    return { type: 'done', choices: ends, usage, timings, ...(this.#timeline && { timeline: this.#timeline }) }
  }
}
