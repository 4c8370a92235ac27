import type { ChosenLogprob } from './events.ts'

/** A token and what it adds to the text. */
export interface TextToken {
  readonly id: number
  readonly text: string
  readonly logprob?: ChosenLogprob
}

export interface Released {
  readonly tokens: readonly TextToken[]
  /** The tokens' text; less than that of the last one, where a stop string begins within it. */
  readonly text: string
  /** The stop string that ended the output here. */
  readonly stop?: string
}

/** Holds back what may turn out to be (part of) a stop string. */
export class StopFilter {
  #held: TextToken[] = []
  #text = ''

  constructor(private readonly stops: readonly string[]) {}

  /** `mayStop` is false while the output is too short to end. */
  push(token: TextToken, mayStop: boolean): Released {
    if (this.stops.length === 0) return { tokens: [token], text: token.text }
    const before = this.#text.length
    this.#held.push(token)
    this.#text += token.text
    const found = mayStop ? this.#find(before) : undefined
    if (found) return { ...this.#release(found.at, true), stop: found.stop }
    return this.#release(this.#text.length - this.#possibleStop(), false)
  }

  /** The output ended otherwise: nothing needs to be held any more. */
  flush(): Released {
    return this.#release(this.#text.length, false)
  }

  /** The first stop string that the text holds and that did not lie wholly in its first `before` characters. */
  #find(before: number): { at: number; stop: string } | undefined {
    return this.stops
      .map(stop => ({ stop, at: this.#text.indexOf(stop, Math.max(0, before - stop.length + 1)) }))
      .filter(({ at }) => at >= 0)
      .sort((a, b) => a.at - b.at)[0]
  }

  /** The longest end of the text with which a stop string begins. */
  #possibleStop(): number {
    let longest = 0
    for (const stop of this.stops)
      for (let length = Math.min(stop.length - 1, this.#text.length); length > longest; length--)
        if (this.#text.endsWith(stop.slice(0, length))) longest = length
    return longest
  }

  /** Lets go the tokens that end within `length` characters; the one across that border too where the text is `cut`. */
  #release(length: number, cut: boolean): Released {
    let count = 0
    let end = 0
    while (count < this.#held.length) {
      const next = end + this.#held[count]!.text.length
      if (cut ? end >= length : next > length) break
      end = next
      count++
    }
    const text = this.#text.slice(0, Math.min(end, length))
    const tokens = this.#held.splice(0, count)
    this.#text = this.#text.slice(end)
    if (cut) {
      this.#held = []
      this.#text = ''
    }
    return { tokens, text }
  }
}
