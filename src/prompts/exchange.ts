import type { ChatMessage, Input } from '../engine/index.ts'

/** What a user says: text, or whole messages. */
export type Saying = string | readonly ChatMessage[]

/** The first that is said. Text is sent as it stands, or as a chat's one message. */
export function begin(say: Saying, as: 'text' | 'chat'): Input {
  if (typeof say !== 'string') return { messages: say }
  return as === 'text' ? { text: say } : { messages: [{ role: 'user', content: say }] }
}

/** What was said, what was answered, and what is said to that. */
export function goOn(before: Input, answer: string, say: Saying): Input {
  const next: readonly ChatMessage[] = typeof say === 'string' ? [{ role: 'user', content: say }] : say
  if ('messages' in before) return { messages: [...before.messages, { role: 'assistant', content: answer }, ...next] }
  if ('tokens' in before) throw new TypeError('ids cannot be followed by text')
  return { text: `${before.text}${answer}\n${next.map(({ content }) => content).join('\n')}` }
}
