import { type EncodeOptions, type Tokenizer, TooManyTokensError } from '../formats/index.ts'

/** Ids 0, 1 and 2 are padding, begin and end, as in Llama 2's vocabulary. */
const SPECIAL = ['<pad>', '<s>', '</s>']
const FIRST_BYTE = SPECIAL.length
const FIRST_WORD = FIRST_BYTE + 256

const utf8 = new TextEncoder()

/**
 * Stands in for the tokenizer of a model that was never trained: each byte of a text is a token, and what else the
 * vocabulary holds reads as a made-up word of its number.
 */
export class ByteTokenizer implements Tokenizer {
  readonly bosId = 1
  readonly eosId = 2

  constructor(readonly vocabSize: number) {}

  encode(text: string, { addSpecial = true, limit = Number.POSITIVE_INFINITY }: EncodeOptions = {}): number[] {
    const bytes = utf8.encode(text)
    const count = bytes.length + Number(addSpecial)
    if (count > limit) throw new TooManyTokensError(count, limit)
    const ids: number[] = addSpecial ? [this.bosId] : []
    for (const byte of bytes) ids.push(Math.min(FIRST_BYTE + byte, this.vocabSize - 1))
    return ids
  }

  decode(ids: readonly number[], { skipSpecial = true } = {}): string {
    const kept = skipSpecial ? ids.filter(id => !this.isSpecial(id)) : ids
    return Buffer.concat(kept.filter(id => id < this.vocabSize).map(id => this.tokenBytes(id))).toString()
  }

  tokenBytes(id: number): Uint8Array {
    if (!(id >= 0 && id < this.vocabSize)) throw new RangeError(`token ${id} is none of ${this.vocabSize}`)
    if (id < FIRST_BYTE) return utf8.encode(SPECIAL[id])
    return id < FIRST_WORD ? Uint8Array.of(id - FIRST_BYTE) : utf8.encode(` w${id}`)
  }

  isSpecial(id: number): boolean {
    return id < FIRST_BYTE
  }

  tokenId(token: string): number | undefined {
    const id = SPECIAL.indexOf(token)
    return id < 0 ? undefined : id
  }
}
