import { type Engine, EngineError, type EngineErrorCode, type Input } from '../../engine/index.ts'
import { Random } from '../../statistics/index.ts'
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
/** Fewer would repeat themselves too often to be unlike each other. */
const FEWEST_WORDS = 32
const GROUP = 32
/** Lengths of the prompts that are checked, in words. */
const CHECKED = [5, 50, 500]

/** The target itself is not there, or lets nobody in: no word list mends that. */
const FATAL: readonly EngineErrorCode[] = ['unreachable', 'unauthorized', 'engine_closed', 'deadline_exceeded']

/**
 * Asks the engine's tokenizer for words that are one token each, so that n words are n tokens. Where it cannot be asked,
 * words count as one token, which they are for most models.
 */
export async function wordListFor(engine: Engine, inputOf: (text: string) => Input): Promise<WordList> {
  const ids = (words: readonly string[]) => engine.tokenize(inputOf(FIRST + words.join('')))
  const count = async (words: readonly string[]) => (await ids(words)).length
  const all = COMMON_WORDS.map(word => ` ${word}`)
  try {
    const fixed = await count([])
    const words = await singles(all, async group => (await count(group)) - fixed)
    const list = words.length < FEWEST_WORDS ? all : words
    const samples = CHECKED.map(length => sample(list, length))
    const added = await Promise.all(samples.map(async words => (await count(words)) - fixed))
    const exact = added.every((tokens, i) => tokens === samples[i]!.length)
    const tokensPerWord = exact ? 1 : added.at(-1)! / samples.at(-1)!.length
    const leading = shared(await ids(list.slice(0, 1)), await ids(list.slice(1, 2)))
    return { words: list, first: FIRST, fixed, leading, tokensPerWord, exact }
  } catch (error) {
    if (!(error instanceof EngineError) || FATAL.includes(error.code)) throw error
    return { words: all, first: FIRST, fixed: 1, leading: 1, tokensPerWord: 1, exact: false }
  }
}

/** Words that add one token: whole groups are asked for, and halved where there is one that adds more. */
async function singles(
  words: readonly string[],
  added: (words: readonly string[]) => Promise<number>,
): Promise<string[]> {
  const found: string[] = []
  const look = async (group: readonly string[]): Promise<void> => {
    if ((await added(group)) === group.length) found.push(...group)
    else if (group.length > 1) {
      const half = group.length >> 1
      await look(group.slice(0, half))
      await look(group.slice(half))
    }
  }
  for (let at = 0; at < words.length; at += GROUP) await look(words.slice(at, at + GROUP))
  return found
}

function shared(one: readonly number[], other: readonly number[]): number {
  const end = one.findIndex((id, i) => id !== other[i])
  return end < 0 ? one.length : end
}

function sample(words: readonly string[], length: number): string[] {
  const random = new Random(length)
  return Array.from({ length }, () => words[random.int(words.length)]!)
}
