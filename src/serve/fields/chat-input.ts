import { z } from 'zod'
import type { MessagesInput } from '../../engine/index.ts'
import { messagesField, messagesOf } from './messages.ts'

/** What makes a prompt of a chat. */
export const chatFields = {
  messages: messagesField,
  chat_template_kwargs: z
    .record(z.string(), z.unknown(), { error: 'must be an object' })
    .nullish()
    .meta({ description: 'Variables for the model’s chat template.' }),
}

/** @throws UnsupportedError for what no prompt can be made of */
export function chatInputOf(fields: z.infer<z.ZodObject<typeof chatFields>>): MessagesInput {
  const templateOptions = fields.chat_template_kwargs
  return { messages: messagesOf(fields.messages), ...(templateOptions && { templateOptions }) }
}
