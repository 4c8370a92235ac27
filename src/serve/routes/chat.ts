import { z } from 'zod'
import type { SamplingParams } from '../../engine/index.ts'
import { answerStreamed, answerWhole } from '../answers/answer.ts'
import { ChatShape } from '../answers/chat-shape.ts'
import { newHead } from '../answers/new-head.ts'
import { flag, number } from '../fields/field-types.ts'
import { messageSchema, messagesOf } from '../fields/messages.ts'
import { commonFields, type Renamed, samplingOf } from '../fields/sampling-fields.ts'
import { CHAT_UNSUPPORTED } from '../fields/unsupported.ts'
import { requestOf } from './request-of.ts'
import { bodyRoute } from './route.ts'

const schema = z.looseObject({
  ...commonFields,
  messages: z.array(messageSchema, { error: 'must be a list of messages' }),
  logprobs: flag,
  top_logprobs: number,
  chat_template_kwargs: z.record(z.string(), z.unknown(), { error: 'must be an object' }).nullish(),
})

export const chat = bodyRoute({
  path: '/v1/chat/completions',
  aliases: ['/chat/completions'],
  scope: 'user',
  summary: 'Answers a chat, whole or streamed.',
  body: {
    schema,
    unsupported: CHAT_UNSUPPORTED,
    example: { messages: [{ role: 'user', content: 'What is Warpline?' }], max_tokens: 64 },
  },
  reply: { description: 'The answer, as OpenAI’s `chat.completion`.', streams: true },
  async handle(exchange, body) {
    const templateOptions = body.chat_template_kwargs
    const input = { messages: messagesOf(body.messages), ...(templateOptions && { templateOptions }) }
    const likelihoods: SamplingParams = {
      ...(typeof body.logprobs === 'boolean' && { logprobs: body.logprobs }),
      ...(typeof body.top_logprobs === 'number' && { topLogprobs: body.top_logprobs }),
    }
    const request = requestOf(exchange, body, input, samplingOf(body, likelihoods))
    const renamed: Renamed =
      typeof body.max_completion_tokens === 'number' ? { maxTokens: 'max_completion_tokens' } : {}
    const asked = [{ request, field: 'messages', renamed }]
    const shape = new ChatShape(newHead(exchange, 'chatcmpl'), body.stream_options?.include_usage === true)
    if (body.stream) await answerStreamed(exchange, asked, shape)
    else await answerWhole(exchange, asked, answers => shape.whole(answers))
  },
})
