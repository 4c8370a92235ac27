import type { Engine, Input } from '../../engine/index.ts'
import { Random } from '../../statistics/index.ts'
import { cannotCount } from './cannot-count.ts'
import { COMMON_WORDS } from './common-words.ts'

/** What prompts of words are made of. */
export interface WordList {
  /** With the space before each. */
  readonly words: readonly string[]
  /** Stands first in every prompt, as a word may be another token there. */
  readonly first: string
  /** Tokens of a prompt of the first word alone. */
  readonly fixed: number
  /** …of which so many stand up to its end, and the rest behind what words follow. */
  readonly leading: number
  /** What each word more adds; 1 where `exact`. */
  readonly tokensPerWord: number
  /** Prompts were checked to have as many tokens as they should. */
  readonly exact: boolean
}

const FIRST = 'The'
/** None of the words. */
const MARKER = ' The'
/** Fewer would repeat themselves too often to be unlike each other. */
const FEWEST_WORDS = 32
/** Lengths of the prompts that are checked, in words. */
const CHECKED = [5, 50, 500]

/**
 * Asks the engine's tokenizer for words that are one token each, so that n words are n tokens: in a few questions, as
 * servers may take long for each. Where it cannot be asked, words count as one token, which they are for most models.
 */
export async function wordListFor(engine: Engine, inputOf: (text: string) => Input): Promise<WordList> {
  const ids = (words: readonly string[]) => engine.tokenize(inputOf(FIRST + words.join('')))
  const all = COMMON_WORDS.map(word => ` ${word}`)
  try {
    const { marker, leading, fixed } = await surroundings(ids)
    const lengths = lengthsBetween((await ids([MARKER, ...all.flatMap(word => [word, MARKER])])).slice(leading), marker)
    const single = all.filter((_, i) => lengths[i + 1] === 1)
    const words = single.length < FEWEST_WORDS ? all : single
    const samples = CHECKED.map(length => sample(words, length))
    // One after the other: some servers give each connection a thread, and have few.
    const added: number[] = []
    for (const sample of samples) added.push((await ids(sample)).length - fixed)
    const exact = added.every((tokens, i) => tokens === samples[i]!.length)
    const tokensPerWord = exact ? 1 : added.at(-1)! / samples.at(-1)!.length
    return { words, first: FIRST, fixed, leading, tokensPerWord, exact }
  } catch (error) {
    if (!cannotCount(error)) throw error
    return { words: all, first: FIRST, fixed: 1, leading: 1, tokensPerWord: 1, exact: false }
  }
}

/** What stands before and behind words, and the ids of a word that is known again between them. */
async function surroundings(ids: (words: readonly string[]) => Promise<readonly number[]>) {
  const none = await ids([])
  const one = await ids([MARKER])
  const two = await ids([MARKER, MARKER])
  // Alike are what stands before, the first word, and one marker.
  const alike = two.findIndex((id, i) => id !== one[i])
  const end = alike < 0 ? one.length : alike
  const leading = end - (two.length - one.length)
  return { marker: two.slice(leading, end), leading, fixed: none.length }
}

/** How many ids stand before the first marker, between each and the next, and behind the last. */
function lengthsBetween(ids: readonly number[], marker: readonly number[]): readonly number[] {
  const lengths = [0]
  for (let at = 0; at < ids.length; ) {
    if (marker.length > 0 && marker.every((id, i) => ids[at + i] === id)) {
      lengths.push(0)
      at += marker.length
    } else {
      lengths[lengths.length - 1]!++
      at++
    }
  }
  return lengths
}

function sample(words: readonly string[], length: number): string[] {
  const random = new Random(length)
  return Array.from({ length }, () => words[random.int(words.length)]!)
}
