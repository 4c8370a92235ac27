import { begin, goOn } from '../../prompts/index.ts'
import { Random } from '../../statistics/index.ts'
import type { Segment } from './segment.ts'
import type { WordList } from './word-list.ts'
import type { Writer } from './writer.ts'

/** Writes prompts as words, each dialogue a text or a chat. */
export function wordWriter(seed: number, as: 'text' | 'chat', list: WordList): Writer {
  const { words, first, tokensPerWord, fixed, leading, exact } = list
  const say = (segments: readonly Segment[]) => {
    let text = first
    for (const { stream, tokens } of segments) {
      const random = new Random(seed, stream)
      for (let left = Math.round(tokens / tokensPerWord); left > 0; left--) text += words[random.int(words.length)]
    }
    return text
  }
  return {
    fixed,
    leading,
    exact,
    write: segments => begin(say(segments), as),
    goOn: (before, answer, segments) => goOn(before, answer, say(segments)),
  }
}
