import { AddedTokens } from './added-tokens.ts'
import { BaseTokenizer, type TokenizerParts } from './base-tokenizer.ts'
import { readBpeModel } from './bpe-model.ts'
import { BYTE_TO_CHAR } from './byte-alphabet.ts'
import { type Normalizer, readNormalizer, shrinkage } from './normalizer.ts'
import { UnknownPart } from './oniguruma.ts'
import { andThen, type PreTokenizer, readPreTokenizer, type Take } from './pre-tokenizer.ts'
import type { TokenizerFile } from './tokenizer-file.ts'
import { TooManyTokensError } from './too-many-tokens.ts'
import { ByteLevelWords, CharacterWords, type WordEncoder } from './word-encoder.ts'

const BYTES: readonly number[] = Array.from({ length: 256 }, (_, byte) => byte)

/**
 * The known families: byte-level BPE (GPT-2, Llama 3, Qwen, …) and BPE over characters with bytes to fall back on
 * (Llama 2, Mistral, Gemma, …). Several times as fast as the library (`npm run bench:quick`) and, as the tests hold, id for id the same.
 */
export class FastTokenizer extends BaseTokenizer {
  readonly #raw: AddedTokens
  readonly #normalized: AddedTokens
  readonly #normalize: Normalizer
  readonly #split: PreTokenizer
  readonly #words: WordEncoder
  /** UTF-16 units of a text that one token stands for at most; infinite where a token may take white space along. */
  readonly #span: number
  /** The same of a stretch without tokens that are looked for before the normalizer. */
  readonly #stretchSpan: number

  /** @throws UnknownPart for a tokenizer of another kind, FormatError for a damaged one */
  constructor(file: TokenizerFile, parts: TokenizerParts) {
    super(parts)
    const { added } = parts.vocabulary
    const normalize = readNormalizer(file.normalizer)
    const { split, byteLevel, drops } = readPreTokenizer(file.preTokenizer)
    this.#raw = new AddedTokens(added.filter(token => !token.normalized).map(token => [token.content, token]))
    this.#normalized = new AddedTokens(
      added.filter(token => token.normalized).map(token => [normalize(token.content), token]),
    )
    this.#normalize = normalize
    this.#words = readWords(file, byteLevel)
    this.#split = byteLevel || !endsBeforeSpaces(this.#words) ? split : andThen(split, cut)
    const longest = Math.max(longestOf(file.tokens), longestOf(added.map(token => token.content)))
    const span = drops ? Number.POSITIVE_INFINITY : longest * shrinkage(file.normalizer)
    const strips = added.filter(token => token.lstrip || token.rstrip)
    this.#span = strips.length > 0 ? Number.POSITIVE_INFINITY : span
    this.#stretchSpan = strips.some(token => token.normalized) ? Number.POSITIVE_INFINITY : span
  }

  protected encodeInto(text: string, parseSpecial: boolean, out: number[], limit: number): void {
    refuseLong(text.length / this.#span, out, limit)
    for (const section of this.#raw.split(text, parseSpecial)) {
      if (section.token !== undefined) push(section.token.id, out, limit)
      else this.#encodeText(text.slice(section.start, section.end), section.start === 0, parseSpecial, out, limit)
    }
  }

  #encodeText(raw: string, first: boolean, parseSpecial: boolean, out: number[], limit: number): void {
    refuseLong(raw.length / this.#stretchSpan, out, limit)
    const text = this.#normalize(raw)
    const take = (word: string) => this.#words.encode(word, out, limit)
    for (const section of this.#normalized.split(text, parseSpecial)) {
      if (section.token !== undefined) push(section.token.id, out, limit)
      else this.#split(text.slice(section.start, section.end), first && section.start === 0, take)
    }
  }
}

/** A text's length alone may tell that it is too long, before any work. */
function refuseLong(least: number, out: readonly number[], limit: number): void {
  const atLeast = out.length + Math.ceil(least)
  if (atLeast > limit) throw new TooManyTokensError(atLeast, limit)
}

function push(id: number, out: number[], limit: number): void {
  out.push(id)
  if (out.length > limit) throw new TooManyTokensError(out.length, limit)
}

function longestOf(names: readonly (string | undefined)[]): number {
  return names.reduce((most, name = '') => Math.max(most, name.length), 1)
}

function readWords({ model, vocabulary }: TokenizerFile, byteLevel: boolean): WordEncoder {
  if (model.string('type', 'BPE') !== 'BPE' || !model.has('merges')) throw new UnknownPart('the model')
  for (const option of ['dropout', 'continuing_subword_prefix', 'end_of_word_suffix'])
    if (model.get(option)) throw new UnknownPart(`the model's ${option}`)
  if (!byteLevel && !model.boolean('byte_fallback', false)) throw new UnknownPart('a model without byte fallback')
  const names = byteLevel ? BYTE_TO_CHAR : BYTES.map(byte => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`)
  const byteIds = Int32Array.from(names, name => vocabulary.get(name) ?? -1)
  if (byteIds.includes(-1)) throw new UnknownPart('a vocabulary without all bytes')
  const bpe = readBpeModel(model, vocabulary)
  return byteLevel ? new ByteLevelWords(bpe, byteIds) : new CharacterWords(bpe, byteIds)
}

/** Whether a text may be cut before every run of `▁` without changing what merges. */
function endsBeforeSpaces({ model }: WordEncoder): boolean {
  return model.spacesLead && !model.ignoreMerges
}

const RUN = /▁*[^▁]+|▁+/g

function cut(text: string, first: boolean, take: Take): void {
  RUN.lastIndex = 0
  for (let run = RUN.exec(text); run !== null; run = RUN.exec(text)) take(run[0], first && run.index === 0)
}
