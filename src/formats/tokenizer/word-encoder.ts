import { mergeSymbols } from './bpe.ts'
import type { BpeModel } from './bpe-model.ts'
import { BYTE_TO_CHAR } from './byte-alphabet.ts'
import { WordCache } from './word-cache.ts'

/** What a word's symbols are kept in between words; one that a longer word needed is let go. */
const KEPT_SYMBOLS = 4096

/** Turns one word, that is a piece of text across whose ends nothing merges, into ids. */
export abstract class WordEncoder {
  readonly #cache = new WordCache()
  readonly #symbols = new Int32Array(KEPT_SYMBOLS)

  constructor(readonly model: BpeModel) {}

  encode(word: string, out: number[]): void {
    let ids = this.#cache.get(word)
    if (ids === undefined) {
      ids = this.#merge(word)
      this.#cache.set(word, ids)
    }
    for (const id of ids) out.push(id)
  }

  #merge(word: string): readonly number[] {
    const whole = this.model.ignoreMerges ? this.wholeWord(word) : undefined
    if (whole !== undefined) return [whole]
    // A UTF-16 unit is at most three bytes.
    const most = word.length * 3
    const symbols = most <= KEPT_SYMBOLS ? this.#symbols : new Int32Array(most)
    const length = mergeSymbols(symbols, this.symbolsOf(word, symbols), this.model.merges)
    return Array.from(symbols.subarray(0, length))
  }

  protected abstract wholeWord(word: string): number | undefined
  /** Writes the word's symbols before any merge; returns how many. */
  protected abstract symbolsOf(word: string, into: Int32Array): number
}

const utf8 = new TextEncoder()

/** Every symbol is a byte. */
export class ByteLevelWords extends WordEncoder {
  readonly #byteIds: Int32Array

  /** `byteIds[b]` is the token of byte b. */
  constructor(model: BpeModel, byteIds: Int32Array) {
    super(model)
    this.#byteIds = byteIds
  }

  protected wholeWord(word: string): number | undefined {
    let token = ''
    for (const byte of utf8.encode(word)) token += BYTE_TO_CHAR[byte]
    return this.model.ids.get(token)
  }

  protected symbolsOf(word: string, into: Int32Array): number {
    const bytes = utf8.encode(word)
    for (let i = 0; i < bytes.length; i++) into[i] = this.#byteIds[bytes[i]!]!
    return bytes.length
  }
}

/** Every symbol is a character, or the bytes of one that the vocabulary lacks. */
export class CharacterWords extends WordEncoder {
  readonly #byteIds: Int32Array

  /** `byteIds[b]` is the token `<0xNN>` of byte b. */
  constructor(model: BpeModel, byteIds: Int32Array) {
    super(model)
    this.#byteIds = byteIds
  }

  protected wholeWord(word: string): number | undefined {
    return this.model.ids.get(word)
  }

  protected symbolsOf(word: string, into: Int32Array): number {
    let length = 0
    for (const character of word) {
      const id = this.model.ids.get(character)
      if (id !== undefined) into[length++] = id
      else for (const byte of utf8.encode(character)) into[length++] = this.#byteIds[byte]!
    }
    return length
  }
}
