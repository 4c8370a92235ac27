import { Tokenizer as Library } from '@huggingface/tokenizers'
import type { JsonObject } from '../json.ts'
import type { AddedToken } from './added-tokens.ts'
import { BaseTokenizer, type TokenizerParts } from './base-tokenizer.ts'

/** Any tokenizer that `@huggingface/tokenizers` can read: WordPiece, Unigram and whatever else is not known here. */
export class LibraryTokenizer extends BaseTokenizer {
  readonly #library: Library
  /** The same without special tokens, so that they are text. */
  readonly #literal: Library

  /** @throws Error of the library's own */
  constructor(file: JsonObject, parts: TokenizerParts) {
    super(parts)
    requireKnownModel(file)
    const { added } = parts.vocabulary
    this.#library = open(file, added)
    this.#literal = open(
      file,
      added.filter(token => !token.special),
    )
  }

  protected encodeInto(text: string, parseSpecial: boolean, out: number[]): void {
    if (text === '') return
    const { ids } = (parseSpecial ? this.#library : this.#literal).encode(text, { add_special_tokens: false })
    // Of a model without an unknown token the library gives undefined for what it lacks; huggingface/tokenizers drops it.
    for (const id of ids as readonly (number | undefined)[]) if (id !== undefined) out.push(id)
  }
}

function open(file: JsonObject, added: readonly AddedToken[]): Library {
  const defaults = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null }
  const added_tokens = added.map(({ singleWord, ...token }) => ({ ...token, single_word: singleWord }))
  return new Library({ ...defaults, ...file, added_tokens }, {})
}

/** Of a type that it does not know the library makes something all the same; older files name none. */
function requireKnownModel(file: JsonObject): void {
  const { type, vocab, merges, continuing_subword_prefix: prefix } = file.model as JsonObject
  const known = type === 'BPE' || type === 'WordPiece' || type === 'Unigram'
  const told =
    (type === undefined || type === null) && (Array.isArray(vocab) || merges !== undefined || prefix !== undefined)
  if (!known && !told) throw new Error(`the model ${type}`)
}
