import type { ChatMessage, Input } from '../../engine/index.ts'
import { Random } from '../../statistics/index.ts'
import type { Segment } from './segment.ts'
import type { WordList } from './word-list.ts'
import type { Writer } from './writer.ts'

/** Writes prompts as words, each dialogue a text or a chat. */
export function wordWriter(seed: number, as: 'text' | 'chat', list: WordList): Writer {
  const { words, first, tokensPerWord, fixed, exact } = list
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
    exact,
    write: segments => inputOf(as, say(segments)),
    goOn: (before, answer, segments) => goOn(before, answer, say(segments)),
  }
}

/** A text, or a chat of one message that says it. */
export function inputOf(as: 'text' | 'chat', text: string): Input {
  return as === 'text' ? { text } : { messages: [{ role: 'user', content: text }] }
}

/** What was said, what was answered, and what is said to that. */
export function goOn(before: Input, answer: string, next: string): Input {
  if ('text' in before) return { text: `${before.text}${answer}\n${next}` }
  if ('tokens' in before) throw new TypeError('ids cannot be followed by text')
  const more: readonly ChatMessage[] = [
    { role: 'assistant', content: answer },
    { role: 'user', content: next },
  ]
  return { messages: before.messages.concat(more) }
}
