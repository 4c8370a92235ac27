import { z } from 'zod'
import { SAMPLING_RANGES, type SamplingParams } from '../../engine/index.ts'
import { answerStreamed, answerWhole } from '../answers/answer.ts'
import { ChatShape } from '../answers/chat-shape.ts'
import { newHead } from '../answers/new-head.ts'
import { chatFields, chatInputOf } from '../fields/chat-input.ts'
import { flag } from '../fields/field-types.ts'
import { inRange } from '../fields/in-range.ts'
import { commonFields, renamedBy, samplingOf } from '../fields/sampling-fields.ts'
import { toldFields, toldOf } from '../fields/told.ts'
import { CHAT_UNSUPPORTED } from '../fields/unsupported.ts'
import { chatCompletion, chatCompletionChunk } from '../replies/chat-completion.ts'
import { requestOf } from './request-of.ts'
import { bodyRoute } from './route.ts'

const schema = z.looseObject({
  ...chatFields,
  ...commonFields,
  ...toldFields,
  logprobs: flag.meta({ description: 'Tells the log-probability of each token.', default: false }),
  top_logprobs: inRange(
    SAMPLING_RANGES.topLogprobs,
    'Tells so many likeliest tokens beside the chosen one; needs logprobs: true.',
    { default: 0 },
  ),
})

export const chat = bodyRoute({
  path: '/v1/chat/completions',
  aliases: ['/chat/completions'],
  scope: 'user',
  group: 'text',
  summary: 'Answers a chat, whole or streamed.',
  body: {
    schema,
    unsupported: CHAT_UNSUPPORTED,
    example: { messages: [{ role: 'user', content: 'What is Warpline?' }], max_tokens: 64 },
  },
  reply: {
    description: 'The answer, as OpenAI’s `chat.completion`.',
    schema: chatCompletion,
    streams: true,
    chunk: chatCompletionChunk,
  },
  async handle(exchange, body) {
    const likelihoods: SamplingParams = {
      ...(typeof body.logprobs === 'boolean' && { logprobs: body.logprobs }),
      ...(typeof body.top_logprobs === 'number' && { topLogprobs: body.top_logprobs }),
    }
    const request = requestOf(exchange, body, chatInputOf(body), samplingOf(body, likelihoods))
    const told = toldOf(body)
    const asked = [{ request, field: 'messages', renamed: renamedBy(body), tellsIds: told.tokenIds }]
    const shape = new ChatShape(newHead(exchange, 'chatcmpl', body.model), told)
    if (body.stream) await answerStreamed(exchange, asked, shape)
    else await answerWhole(exchange, asked, (answers, prompts) => shape.whole(answers, prompts))
  },
})
