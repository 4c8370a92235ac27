import type { Decoder } from './decoder.ts'
import type { Frame } from './post-processor.ts'
import type { DecodeOptions, EncodeOptions, Tokenizer } from './tokenizer.ts'
import { TooManyTokensError } from './too-many-tokens.ts'
import type { Vocabulary } from './vocabulary.ts'

/** What a tokenizer consists of beside the way from text to ids. */
export interface TokenizerParts {
  readonly vocabulary: Vocabulary
  readonly frame: Frame
  readonly decoder: Decoder
  readonly bosId: number | undefined
  readonly eosId: number | undefined
}

const utf8 = new TextEncoder()

/** All of a {@link Tokenizer} but how a text becomes ids. */
export abstract class BaseTokenizer implements Tokenizer {
  readonly bosId: number | undefined
  readonly eosId: number | undefined
  readonly vocabSize: number
  readonly #parts: TokenizerParts

  constructor(parts: TokenizerParts) {
    this.#parts = parts
    this.bosId = parts.bosId
    this.eosId = parts.eosId
    this.vocabSize = parts.vocabulary.size
  }

  /**
   * Appends the ids of a text without lone surrogates.
   *
   * @throws TooManyTokensError where `out` would hold more than `limit` ids; soon, where it can
   */
  protected abstract encodeInto(text: string, parseSpecial: boolean, out: number[], limit: number): void

  encode(text: string, options: EncodeOptions = {}): number[] {
    const { addSpecial = true, parseSpecial = true, limit = Number.POSITIVE_INFINITY } = options
    const { before, after } = this.#parts.frame
    const ids = addSpecial ? [...before] : []
    this.encodeInto(text.toWellFormed(), parseSpecial, ids, limit)
    if (addSpecial) ids.push(...after)
    if (ids.length > limit) throw new TooManyTokensError(ids.length, limit)
    return ids
  }

  decode(ids: readonly number[], { skipSpecial = true }: DecodeOptions = {}): string {
    const { vocabulary, decoder } = this.#parts
    const tokens: string[] = []
    for (const id of ids) {
      const token = vocabulary.token(id)
      if (token !== undefined && !(skipSpecial && vocabulary.isSpecial(id))) tokens.push(token)
    }
    return decoder.decode(tokens)
  }

  tokenBytes(id: number): Uint8Array {
    if (!(Number.isInteger(id) && id >= 0 && id < this.vocabSize))
      throw new RangeError(`there is no token ${id}: ids run from 0 to ${this.vocabSize - 1}`)
    const token = this.#parts.vocabulary.token(id)
    if (token === undefined) return new Uint8Array()
    return this.isSpecial(id) ? utf8.encode(token) : this.#parts.decoder.bytes(token)
  }

  isSpecial(id: number): boolean {
    return this.#parts.vocabulary.isSpecial(id)
  }

  tokenId(token: string): number | undefined {
    return this.#parts.vocabulary.id(token)
  }
}
