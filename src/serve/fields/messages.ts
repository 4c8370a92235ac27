import { z } from 'zod'
import { type ChatMessage, InvalidRequestError, REQUEST_LIMITS, UnsupportedError } from '../../engine/index.ts'

const ROLES = ['system', 'developer', 'user', 'assistant', 'tool'] as const

const part = z
  .looseObject({ type: z.string({ error: 'must be a string' }) }, { error: 'must be an object with a type' })
  // Parts of other types are refused by name, further down.
  .meta({
    title: 'text part',
    properties: { type: { type: 'string', const: 'text' }, text: { type: 'string' } },
    required: ['type', 'text'],
  })

export const messageSchema = z
  .looseObject(
    {
      role: z
        .enum(ROLES, { error: `must be one of ${ROLES.join(', ')}` })
        .meta({ description: 'Who says it; developer is another word for system.' }),
      content: z
        .union([z.string(), z.array(part)], { error: 'must be a string or a list of parts, each with a type' })
        .nullish()
        .meta({ description: 'The text, or parts of it, which become a line each.', 'x-required': true }),
      name: z.string({ error: 'must be a string' }).nullish().meta({ description: 'For templates that tell names.' }),
    },
    { error: 'must be an object with role and content' },
  )
  .meta({ title: 'message' })

export const messagesField = z
  .array(messageSchema, { error: 'must be a list of messages' })
  .meta({ description: 'The chat so far.', minItems: 1, maxItems: REQUEST_LIMITS.messages })

type Message = z.infer<typeof messageSchema>

/**
 * Messages as the engine takes them: `developer` is OpenAI's newer word for `system`, and a list of text parts is
 * one text, a line each.
 *
 * @throws UnsupportedError for parts that are no text, and for calls of tools; InvalidRequestError for text that is none
 */
export function messagesOf(messages: readonly Message[]): ChatMessage[] {
  return messages.map((message, i) => {
    const param = `messages[${i}]`
    for (const field of ['tool_calls', 'function_call'])
      if (message[field] !== undefined && message[field] !== null && !isEmpty(message[field]))
        throw new UnsupportedError(
          `${param}.${field} is not supported: the model is not told of tools`,
          `${param}.${field}`,
        )
    return {
      role: message.role === 'developer' ? 'system' : message.role,
      content: textOf(message.content, `${param}.content`),
      ...(typeof message.name === 'string' && { name: message.name }),
    }
  })
}

function textOf(content: Message['content'], param: string): string {
  // What is missing stays so: the engine says that content must be a string.
  if (typeof content === 'string' || content === undefined || content === null) return content as string
  return content
    .map((part, i) => {
      const at = `${param}[${i}]`
      if (part.type === 'text') {
        if (typeof part.text === 'string') return part.text
        throw new InvalidRequestError(`${at}.text must be a string`, `${at}.text`)
      }
      throw new UnsupportedError(`${at} has type ${JSON.stringify(part.type.slice(0, 32))}: only text is supported`, at)
    })
    .join('\n')
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}
