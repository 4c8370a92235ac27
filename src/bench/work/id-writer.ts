import { type EngineInfo, UnsupportedError } from '../../engine/index.ts'
import { Random } from '../../statistics/index.ts'
import type { Segment } from './segment.ts'
import type { Writer } from './writer.ts'

/** Tokenizers keep their special tokens first (Mistral's 1000, Gemma's 106) or last (Llama 3's 256, Qwen's 400). */
const SPECIAL_FIRST = 1000
const ORDINARY_SHARE = 0.95

/**
 * Writes prompts as random ids.
 *
 * @throws UnsupportedError where the size of the vocabulary is not known
 */
export function idWriter(seed: number, { model, vocabSize }: Pick<EngineInfo, 'model' | 'vocabSize'>): Writer {
  if (vocabSize === 0)
    throw new UnsupportedError(`${model} does not tell the size of its vocabulary: send prompts as text or chat`)
  const from = Math.min(SPECIAL_FIRST, vocabSize >> 3)
  const ids = Math.max(1, Math.floor(vocabSize * ORDINARY_SHARE) - from)
  const write = (segments: readonly Segment[]) => {
    const tokens: number[] = []
    for (const { stream, tokens: count } of segments) {
      const random = new Random(seed, stream)
      for (let i = 0; i < count; i++) tokens.push(from + random.int(ids))
    }
    return { tokens }
  }
  return { fixed: 0, leading: 0, exact: true, write }
}
