import type { ChosenLogprob, TextToken } from '../../engine/index.ts'
import { decodeUtf8, incompleteTail } from './utf8.ts'

interface HeldToken {
  readonly id: number
  readonly logprob: ChosenLogprob | undefined
  /** Where its bytes end, counted from the output's start. */
  readonly end: number
}

/**
 * Turns tokens' bytes into text without ever splitting a character: a token that ends within one waits for the token
 * that completes it, and the character is that one's text.
 */
export class TextAssembler {
  /** Bytes that begin a character; `#decoded` counts those before them. */
  #tail: Uint8Array = new Uint8Array()
  #decoded = 0
  #held: HeldToken[] = []

  /** Takes the next token; gives those whose bytes are all text now. */
  push(id: number, bytes: Uint8Array, logprob?: ChosenLogprob): TextToken[] {
    const pending = new Uint8Array(this.#tail.length + bytes.length)
    pending.set(this.#tail)
    pending.set(bytes, this.#tail.length)
    const whole = pending.length - incompleteTail(pending)
    this.#held.push({ id, logprob, end: this.#decoded + pending.length })
    this.#tail = pending.subarray(whole)
    return this.#release(pending.subarray(0, whole))
  }

  /** The output ends here: what never became a character is U+FFFD. */
  flush(): TextToken[] {
    const rest = this.#tail
    this.#tail = rest.subarray(0, 0)
    return this.#release(rest)
  }

  /** The text belongs to the last token that is complete with it, or waits with its bytes' token for the next. */
  #release(bytes: Uint8Array): TextToken[] {
    this.#decoded += bytes.length
    const text = this.#carried + decodeUtf8(bytes)
    const complete = this.#held.filter(token => token.end <= this.#decoded)
    this.#held.splice(0, complete.length)
    this.#carried = complete.length === 0 ? text : ''
    return complete.map(({ id, logprob }, i) => ({
      id,
      text: i === complete.length - 1 ? text : '',
      ...(logprob !== undefined && { logprob }),
    }))
  }

  /** Whole characters of a token that also begins another one. */
  #carried = ''
}
