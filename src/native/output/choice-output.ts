import { type ChosenLogprob, StopFilter, type TextToken, type TokensEvent } from '../../engine/index.ts'
import { TextAssembler } from './text-assembler.ts'

/** A choice's tokens on their way to the reader: whole characters alone, stop strings cut out, one event a step. */
export class ChoiceOutput {
  readonly #assembler = new TextAssembler()
  readonly #filter: StopFilter
  #tokens: TextToken[] = []
  #text = ''

  constructor(
    private readonly choice: number,
    stops: readonly string[],
    private readonly withLogprobs: boolean,
  ) {
    this.#filter = new StopFilter(stops)
  }

  /**
   * Takes a token and what it adds to the text. Answers with the stop string that ended the output, if one did; nothing
   * may come after it. `mayStop` is false while the output is too short to end.
   */
  push(id: number, bytes: Uint8Array, logprob: ChosenLogprob | undefined, mayStop: boolean): string | undefined {
    for (const token of this.#assembler.push(id, bytes, logprob)) {
      const stop = this.#release(token, mayStop)
      if (stop !== undefined) return stop
    }
    return undefined
  }

  /** Lets everything go that is still held: the output ends here, and not by a stop string. */
  flush(): void {
    for (const token of this.#assembler.flush()) this.#release(token, false)
    const { tokens, text } = this.#filter.flush()
    this.#tokens.push(...tokens)
    this.#text += text
  }

  /** What was let go since the last call. */
  take(): TokensEvent | undefined {
    const [tokens, text] = [this.#tokens, this.#text]
    if (tokens.length === 0) return undefined
    this.#tokens = []
    this.#text = ''
    const event = { type: 'tokens', choice: this.choice, ids: tokens.map(token => token.id), text } as const
    return this.withLogprobs ? { ...event, logprobs: tokens.flatMap(token => token.logprob ?? []) } : event
  }

  #release(token: TextToken, mayStop: boolean): string | undefined {
    const { tokens, text, stop } = this.#filter.push(token, mayStop)
    this.#tokens.push(...tokens)
    this.#text += text
    return stop
  }
}
