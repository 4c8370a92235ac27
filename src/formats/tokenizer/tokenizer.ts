export interface EncodeOptions {
  /** Add what the model's files put around a text, a BOS token for instance. Default true. */
  readonly addSpecial?: boolean
  /** Special tokens written in the text become their ids; else they are text as any other. Default true. */
  readonly parseSpecial?: boolean
  /** More ids than this are of no use: once there are sure to be more, no more work is done. Default: none is too many. */
  readonly limit?: number
}

export interface DecodeOptions {
  /** Leave special tokens out. Default true. */
  readonly skipSpecial?: boolean
}

/**
 * Text to token ids and back, as `transformers` has it.
 *
 * @example
 * const tokenizer = await loadTokenizer('models/ember')
 * tokenizer.decode(tokenizer.encode('Once upon a time')) // 'Once upon a time'
 */
export interface Tokenizer {
  /** The greatest id + 1; some ids below it may stand for nothing. */
  readonly vocabSize: number
  readonly bosId: number | undefined
  readonly eosId: number | undefined

  /**
   * A lone surrogate counts as U+FFFD.
   *
   * @throws TooManyTokensError where there are more than `limit`
   */
  encode(text: string, options?: EncodeOptions): number[]

  /** The text of the whole; bytes that are no UTF-8 become U+FFFD, ids that stand for nothing are passed over. */
  decode(ids: readonly number[], options?: DecodeOptions): string

  /**
   * The bytes that this token adds to running text: a space for `▁`, the byte itself for `<0xNN>`, the literal text
   * of a special token. Joined they are the text, but for what a tokenizer strips at its start.
   *
   * @throws RangeError for an id below 0 or from `vocabSize` on.
   */
  tokenBytes(id: number): Uint8Array

  /** Whether `skipSpecial` leaves it out. */
  isSpecial(id: number): boolean

  /** The id of a token as the vocabulary spells it, e.g. `<|eot_id|>` or `Ġthe`. */
  tokenId(token: string): number | undefined
}
