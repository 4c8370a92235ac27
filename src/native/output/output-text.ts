import type { ChosenLogprob } from '../../engine/index.ts'
import { decodeUtf8, incompleteTail } from './utf8.ts'

/** Tokens whose text is settled. */
export interface Settled {
  readonly ids: readonly number[]
  readonly text: string
  /** Parallel to `ids`, where log-probabilities were given. */
  readonly logprobs: readonly ChosenLogprob[]
}

interface HeldToken {
  readonly id: number
  readonly logprob: ChosenLogprob | undefined
  /** Where the token ends: in bytes until its last character is whole, then in the held text. */
  endByte: number
  endText: number | undefined
}

/**
 * Turns a sequence's tokens into text that never has to be taken back: bytes wait until they make whole characters,
 * and text that may be the beginning of a stop string waits until it is known not to be.
 */
export class OutputText {
  /** Bytes that begin a character; `#decoded` counts those before them. */
  #tail: Uint8Array = new Uint8Array()
  #decoded = 0
  #text = ''
  #held: HeldToken[] = []

  constructor(private readonly stops: readonly string[]) {}

  /**
   * Takes the next token. When `stop` is set in the answer, the text ended before that stop string and what came is
   * the last. `mayStop` is false while the output is too short to end.
   */
  push(id: number, bytes: Uint8Array, logprob: ChosenLogprob | undefined, mayStop = true): Settled & { stop?: string } {
    const known = this.#text.length
    this.#append(id, bytes, logprob)
    if (this.stops.length === 0 || !mayStop) return this.#settle(this.#text.length)
    const found = this.#findStop(known)
    if (found === undefined) return this.#settle(this.#text.length - this.#possibleStop())
    return { ...this.#cut(found.at), stop: found.stop }
  }

  /** Everything that is still held: the output ends here. */
  flush(): Settled {
    this.#text += decodeUtf8(this.#tail)
    this.#decoded += this.#tail.length
    this.#tail = this.#tail.subarray(0, 0)
    this.#place()
    return this.#settle(this.#text.length)
  }

  #append(id: number, bytes: Uint8Array, logprob: ChosenLogprob | undefined): void {
    const pending = new Uint8Array(this.#tail.length + bytes.length)
    pending.set(this.#tail)
    pending.set(bytes, this.#tail.length)
    const whole = pending.length - incompleteTail(pending)
    this.#held.push({ id, logprob, endByte: this.#decoded + pending.length, endText: undefined })
    this.#text += decodeUtf8(pending.subarray(0, whole))
    this.#decoded += whole
    this.#tail = pending.subarray(whole)
    this.#place()
  }

  /** Gives every token whose bytes are all decoded its end in the text. */
  #place(): void {
    for (const token of this.#held) {
      if (token.endText === undefined && token.endByte <= this.#decoded) token.endText = this.#text.length
    }
  }

  /** The first stop string in the text that was not there whole before; `known` is how much text was there. */
  #findStop(known: number): { at: number; stop: string } | undefined {
    let first: { at: number; stop: string } | undefined
    for (const stop of this.stops) {
      const at = this.#text.indexOf(stop, Math.max(0, known - stop.length + 1))
      if (at >= 0 && (first === undefined || at < first.at)) first = { at, stop }
    }
    return first
  }

  /** Length of the longest end of the text that begins a stop string. */
  #possibleStop(): number {
    let longest = 0
    for (const stop of this.stops) {
      for (let length = Math.min(stop.length - 1, this.#text.length); length > longest; length--) {
        if (stop.startsWith(this.#text.slice(-length))) longest = length
      }
    }
    return longest
  }

  /** Releases the tokens that end within the first `length` characters, and their text. */
  #settle(length: number): Settled {
    let count = 0
    while (count < this.#held.length && (this.#held[count]!.endText ?? Number.POSITIVE_INFINITY) <= length) count++
    const tokens = this.#held.splice(0, count)
    const end = tokens.at(-1)?.endText ?? 0
    const text = this.#text.slice(0, end)
    this.#text = this.#text.slice(end)
    for (const token of this.#held) if (token.endText !== undefined) token.endText -= end
    return released(tokens, text)
  }

  /** Ends the output at `at`: a token of which some text stays is reported, those behind it are not. */
  #cut(at: number): Settled {
    let from = 0
    const kept = this.#held.filter(token => {
      const begins = from
      from = token.endText ?? from
      return begins < at
    })
    const text = this.#text.slice(0, at)
    this.#held = []
    this.#text = ''
    return released(kept, text)
  }
}

function released(tokens: readonly HeldToken[], text: string): Settled {
  const logprobs = tokens.flatMap(token => (token.logprob === undefined ? [] : [token.logprob]))
  return { ids: tokens.map(token => token.id), text, logprobs }
}
