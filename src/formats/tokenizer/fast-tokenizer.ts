import { AddedTokens } from './added-tokens.ts'
import { BaseTokenizer, type TokenizerParts } from './base-tokenizer.ts'
import { readBpeModel } from './bpe-model.ts'
import { BYTE_TO_CHAR } from './byte-alphabet.ts'
import { type Normalizer, readNormalizer } from './normalizer.ts'
import { UnknownPart } from './oniguruma.ts'
import { type PreTokenizer, readPreTokenizer } from './pre-tokenizer.ts'
import type { TokenizerFile } from './tokenizer-file.ts'
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

  /** @throws UnknownPart for a tokenizer of another kind, FormatError for a damaged one */
  constructor(file: TokenizerFile, parts: TokenizerParts) {
    super(parts)
    const { added } = parts.vocabulary
    const normalize = readNormalizer(file.normalizer)
    const { split, byteLevel } = readPreTokenizer(file.preTokenizer)
    this.#raw = new AddedTokens(added.filter(token => !token.normalized).map(token => [token.content, token]))
    this.#normalized = new AddedTokens(
      added.filter(token => token.normalized).map(token => [normalize(token.content), token]),
    )
    this.#normalize = normalize
    this.#words = readWords(file, byteLevel)
    this.#split = byteLevel || !endsBeforeSpaces(this.#words) ? split : (text, first) => split(text, first).flatMap(cut)
  }

  protected encodeInto(text: string, parseSpecial: boolean, out: number[]): void {
    for (const section of this.#raw.split(text, parseSpecial)) {
      if (section.token !== undefined) out.push(section.token.id)
      else this.#encodeText(text.slice(section.start, section.end), section.start === 0, parseSpecial, out)
    }
  }

  #encodeText(raw: string, first: boolean, parseSpecial: boolean, out: number[]): void {
    const text = this.#normalize(raw)
    for (const section of this.#normalized.split(text, parseSpecial)) {
      if (section.token !== undefined) out.push(section.token.id)
      else {
        const words = this.#split(text.slice(section.start, section.end), first && section.start === 0)
        for (const word of words) this.#words.encode(word, out)
      }
    }
  }
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

function cut(text: string): readonly string[] {
  return text.match(/▁*[^▁]+|▁+/g) ?? []
}
