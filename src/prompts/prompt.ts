import type { ChatMessage, Role } from '../engine/index.ts'
import type { Saying } from './exchange.ts'

/** What a file says of one dialogue. */
export interface Prompt {
  /** What is said in turn, one at least. */
  readonly turns: readonly Turn[]
  readonly maxTokens?: number
  readonly ignoreEos?: boolean
}

export interface Turn {
  readonly say: Saying
  /** What was answered when the dialogue was recorded. */
  readonly recorded?: string
}

type Fail = (what: string) => Error

/** Who speaks, in ShareGPT's words and their kin. */
const SPEAKERS: Readonly<Record<string, Role>> = {
  human: 'user',
  user: 'user',
  gpt: 'assistant',
  chatgpt: 'assistant',
  bing: 'assistant',
  bard: 'assistant',
  assistant: 'assistant',
  system: 'system',
}

const ROLES: readonly string[] = ['system', 'user', 'assistant', 'tool'] satisfies Role[]

/**
 * What one entry of a file says: `{"prompt"}`, `{"messages"}` or `{"conversations"}`, with `max_tokens` and `ignore_eos`
 * where it likes. Undefined of a conversation in which no user speaks, of which ShareGPT has many.
 */
export function parsePrompt(entry: unknown, fail: Fail): Prompt | undefined {
  if (typeof entry === 'string') return { turns: [{ say: filled(entry, fail) }] }
  if (!isObject(entry)) throw fail('expected an object, e.g. {"prompt": "Hello"}')
  const kinds = ['prompt', 'messages', 'conversations'].filter(key => entry[key] !== undefined)
  if (kinds.length !== 1) throw fail('expected one of "prompt", "messages" and "conversations"')
  const turns = TURNS[kinds[0]!]!(entry[kinds[0]!], fail)
  if (turns.length === 0) return undefined
  const maxTokens = maxTokensOf(entry, fail)
  const ignoreEos = flagOf(entry, fail)
  return { turns, ...(maxTokens !== undefined && { maxTokens }), ...(ignoreEos !== undefined && { ignoreEos }) }
}

const TURNS: Readonly<Record<string, (value: unknown, fail: Fail) => readonly Turn[]>> = {
  prompt: (value, fail) => {
    if (typeof value !== 'string') throw fail('"prompt" must be text')
    return [{ say: filled(value, fail) }]
  },
  messages: (value, fail) => {
    const messages = listOf(value, 'messages', fail).map((each, i) => messageOf(each, i, fail))
    // What stands last is what was answered, as in files that models are trained on.
    const recorded = messages.at(-1)?.role === 'assistant' ? messages.pop()?.content : undefined
    if (messages.length === 0) throw fail('"messages" holds nothing to answer')
    return [{ say: messages, ...(recorded !== undefined && { recorded }) }]
  },
  conversations: (value, fail) =>
    turnsOf(listOf(value, 'conversations', fail).map((each, i) => spokenOf(each, i, fail))),
}

/** A turn is all that is said up to an answer; what no user began is left out, and so is what stands behind the last. */
function turnsOf(messages: readonly ChatMessage[]): readonly Turn[] {
  const turns: Turn[] = []
  let say: ChatMessage[] = []
  const end = (recorded?: string) => {
    if (say.some(({ role }) => role === 'user')) {
      turns.push({ say, ...(recorded !== undefined && { recorded }) })
      say = []
    }
  }
  for (const message of messages) {
    if (message.role === 'assistant') end(message.content)
    else say.push(message)
  }
  end()
  return turns
}

function spokenOf(value: unknown, index: number, fail: Fail): ChatMessage {
  const { from, value: content } = isObject(value) ? value : {}
  const role = typeof from === 'string' && Object.hasOwn(SPEAKERS, from) ? SPEAKERS[from] : undefined
  if (role === undefined)
    throw fail(`"conversations"[${index}].from must be one of ${Object.keys(SPEAKERS).join(', ')}`)
  if (typeof content !== 'string') throw fail(`"conversations"[${index}].value must be text`)
  return { role, content }
}

function messageOf(value: unknown, index: number, fail: Fail): ChatMessage {
  const { role, content, name } = isObject(value) ? value : {}
  if (typeof role !== 'string' || !ROLES.includes(role))
    throw fail(`"messages"[${index}].role must be one of ${ROLES.join(', ')}`)
  if (typeof content !== 'string') throw fail(`"messages"[${index}].content must be text`)
  return { role: role as Role, content, ...(typeof name === 'string' && { name }) }
}

function maxTokensOf(entry: Readonly<Record<string, unknown>>, fail: Fail): number | undefined {
  const { max_tokens: value } = entry
  if (value === undefined || (typeof value === 'number' && Number.isInteger(value) && value >= 1)) return value
  throw fail('"max_tokens" must be a whole number from 1 on')
}

function flagOf(entry: Readonly<Record<string, unknown>>, fail: Fail): boolean | undefined {
  const { ignore_eos: value } = entry
  if (value === undefined || typeof value === 'boolean') return value
  throw fail('"ignore_eos" must be true or false')
}

function filled(text: string, fail: Fail): string {
  if (text === '') throw fail('the prompt is empty')
  return text
}

function listOf(value: unknown, key: string, fail: Fail): readonly unknown[] {
  if (!Array.isArray(value)) throw fail(`"${key}" must be a list`)
  return value
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
