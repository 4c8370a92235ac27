import { Tokenizer as Library } from '@huggingface/tokenizers'
import type { Json, JsonObject } from '../json.ts'
import { isObject } from '../json-fields.ts'
import type { AddedToken } from './added-tokens.ts'
import { BaseTokenizer, type TokenizerParts } from './base-tokenizer.ts'
import { TooManyTokensError } from './too-many-tokens.ts'

/** UTF-16 units; a text of more is looked at piece by piece first, where that can tell that it is too long. */
const PIECE = 16_384
/** What cuts at every run of white space. */
const CUTS_AT_SPACE: ReadonlySet<unknown> = new Set(['BertPreTokenizer', 'Metaspace', 'Whitespace', 'WhitespaceSplit'])

/** Any tokenizer that `@huggingface/tokenizers` can read: WordPiece, Unigram and whatever else is not known here. */
export class LibraryTokenizer extends BaseTokenizer {
  readonly #library: Library
  /** The same without special tokens, so that they are text. */
  readonly #literal: Library
  /** Nothing reaches over white space, so that pieces which end before it have as many tokens as the whole. */
  readonly #cutsAtSpace: boolean

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
    const reaches = added.some(token => token.lstrip || token.rstrip || /\s/.test(token.content))
    this.#cutsAtSpace = !reaches && cutsAtSpace(file.pre_tokenizer)
  }

  protected encodeInto(text: string, parseSpecial: boolean, out: number[], limit: number): void {
    if (text.length > PIECE && limit < text.length && this.#cutsAtSpace) this.#refuseLong(text, parseSpecial, limit)
    this.#append(text, parseSpecial, out)
  }

  #refuseLong(text: string, parseSpecial: boolean, limit: number): void {
    const ids: number[] = []
    for (let start = 0; start < text.length; ) {
      const end = endOfPiece(text, start + PIECE)
      this.#append(text.slice(start, end), parseSpecial, ids)
      if (ids.length > limit) throw new TooManyTokensError(ids.length, limit)
      start = end
    }
  }

  #append(text: string, parseSpecial: boolean, out: number[]): void {
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

function cutsAtSpace(preTokenizer: Json | undefined): boolean {
  if (!isObject(preTokenizer)) return false
  const { type, split, pretokenizers } = preTokenizer
  // Were it not the first, what is before it might have joined words.
  if (type === 'Sequence') return Array.isArray(pretokenizers) && cutsAtSpace((pretokenizers as readonly Json[])[0])
  return CUTS_AT_SPACE.has(type) && split !== false
}

/** Where a run of white space begins, from `from` on. */
function endOfPiece(text: string, from: number): number {
  const boundary = /\S(?=\s)/g
  boundary.lastIndex = from
  return boundary.test(text) ? boundary.lastIndex : text.length
}

/** Of a type that it does not know the library makes something all the same; older files name none. */
function requireKnownModel(file: JsonObject): void {
  const { type, vocab, merges, continuing_subword_prefix: prefix } = file.model as JsonObject
  const known = type === 'BPE' || type === 'WordPiece' || type === 'Unigram'
  const told =
    (type === undefined || type === null) && (Array.isArray(vocab) || merges !== undefined || prefix !== undefined)
  if (!known && !told) throw new Error(`the model ${type}`)
}
