import { z } from 'zod'
import { translated } from '../answers/asked.ts'
import { chatFields, chatInputOf } from '../fields/chat-input.ts'
import { TEMPLATE_UNSUPPORTED } from '../fields/unsupported.ts'
import { applyTemplateReply } from '../replies/tokens.ts'
import { bodyRoute } from './route.ts'

export const applyTemplate = bodyRoute({
  path: '/apply-template',
  scope: 'user',
  group: 'tokens',
  summary: 'Tells the text that the model’s chat template makes of a chat.',
  body: {
    schema: z.looseObject(chatFields),
    unsupported: TEMPLATE_UNSUPPORTED,
    example: { messages: [{ role: 'user', content: 'What is Warpline?' }] },
  },
  reply: { description: 'The text, up to where the answer begins.', schema: applyTemplateReply },
  async handle(exchange, body) {
    const prompt = await translated({ field: 'messages' }, exchange.host.engine().render(chatInputOf(body)))
    exchange.json(200, { prompt })
  },
})
