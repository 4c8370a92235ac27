import { mergeSymbols } from './bpe.ts'
import type { BpeModel } from './bpe-model.ts'
import { BYTE_TO_CHAR } from './byte-alphabet.ts'
import { TooManyTokensError } from './too-many-tokens.ts'
import { WordCache } from './word-cache.ts'

/** What a word's symbols are kept in between words; one that a longer word needed is let go. */
const KEPT_SYMBOLS = 4096

/** Turns one word, that is a piece of text across whose ends nothing merges, into ids. */
export abstract class WordEncoder {
  readonly #cache = new WordCache()
  readonly #symbols = new Int32Array(KEPT_SYMBOLS)

  constructor(readonly model: BpeModel) {}

  /** @throws TooManyTokensError where `out` would hold more than `limit` ids */
  encode(word: string, out: number[], limit: number): void {
    let ids = this.#cache.get(word)
    if (ids === undefined) {
      ids = this.#merge(word, out.length, limit)
      this.#cache.set(word, ids)
    }
    for (const id of ids) out.push(id)
    if (out.length > limit) throw new TooManyTokensError(out.length, limit)
  }

  /** `before` ids are there already. */
  #merge(word: string, before: number, limit: number): readonly number[] {
    const { ignoreMerges, longest, reach, merges } = this.model
    const whole = ignoreMerges && word.length <= longest ? this.wholeWord(word) : undefined
    if (whole !== undefined) return [whole]
    refuse(before + Math.ceil(word.length / longest), limit)
    // A UTF-16 unit is at most three bytes.
    const most = word.length * 3
    const symbols = most <= KEPT_SYMBOLS ? this.#symbols : new Int32Array(most)
    const unmerged = this.symbolsOf(word, symbols)
    if (before + unmerged > limit) refuse(before + reach.leastTokens(symbols, unmerged), limit)
    return Array.from(symbols.subarray(0, mergeSymbols(symbols, unmerged, merges)))
  }

  protected abstract wholeWord(word: string): number | undefined
  /** Writes the word's symbols before any merge; returns how many. */
  protected abstract symbolsOf(word: string, into: Int32Array): number
}

function refuse(atLeast: number, limit: number): void {
  if (atLeast > limit) throw new TooManyTokensError(atLeast, limit)
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
  /** Of one character. */
  readonly #bytes = new Uint8Array(4)

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
      else {
        const { written } = utf8.encodeInto(character, this.#bytes)
        for (let i = 0; i < written; i++) into[length++] = this.#byteIds[this.#bytes[i]!]!
      }
    }
    return length
  }
}
