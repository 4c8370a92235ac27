import type { Engine } from '../../engine/index.ts'
import { cannotCount } from './cannot-count.ts'

/** Answers that are counted; of more, the rest is told from their letters. */
const COUNTED = 256
/** Asked for at once: some servers give each connection a thread, and have few. */
const AT_ONCE = 2

/**
 * How many tokens recorded answers have, by the engine's own tokenizer: exactly for the first 256, and by the mean length of
 * their tokens for others. Undefined where the engine does not count.
 */
export async function recordedLengths(
  answers: Iterable<string>,
  engine: Engine,
): Promise<((answer: string) => number) | undefined> {
  const lengths = new Map<string, number>()
  for (const answer of answers) {
    if (lengths.size === COUNTED) break
    if (answer !== '') lengths.set(answer, 0)
  }
  const queue = [...lengths.keys()].values()
  let letters = 0
  let tokens = 0
  const count = async () => {
    for (const answer of queue) {
      const { length } = await engine.tokenize({ text: answer, addSpecialTokens: false })
      lengths.set(answer, length)
      letters += answer.length
      tokens += length
    }
  }
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, count))
  } catch (error) {
    if (!cannotCount(error)) throw error
    return undefined
  }
  const perLetter = letters === 0 ? 0 : tokens / letters
  return answer => Math.max(1, lengths.get(answer) ?? Math.round(answer.length * perLetter))
}
