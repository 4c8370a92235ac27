import { z } from 'zod'
import { answerStreamed, answerWhole } from '../answers/answer.ts'
import { CompletionShape } from '../answers/completion-shape.ts'
import { newHead } from '../answers/new-head.ts'
import { number } from '../fields/field-types.ts'
import { promptField, promptsOf } from '../fields/prompts.ts'
import { commonFields, samplingOf } from '../fields/sampling-fields.ts'
import { COMPLETION_UNSUPPORTED } from '../fields/unsupported.ts'
import { requestOf } from './request-of.ts'
import { bodyRoute } from './route.ts'

/** OpenAI's, and vLLM's. */
const DEFAULT_MAX_TOKENS = 16

const schema = z.looseObject({
  ...commonFields,
  prompt: promptField,
  /** Unlike in chat a number: how many likeliest tokens to tell beside the chosen one. */
  logprobs: number,
})

export const completions = bodyRoute({
  path: '/v1/completions',
  scope: 'user',
  summary: 'Continues a prompt, or several, whole or streamed.',
  body: {
    schema,
    unsupported: COMPLETION_UNSUPPORTED,
    example: { prompt: 'Once upon a time', max_tokens: 32 },
  },
  reply: { description: 'The continuation, as OpenAI’s `text_completion`.', streams: true },
  async handle(exchange, body) {
    const prompts = promptsOf(body.prompt)
    const sampling = {
      maxTokens: DEFAULT_MAX_TOKENS,
      ...samplingOf(body, typeof body.logprobs === 'number' ? { logprobs: true, topLogprobs: body.logprobs } : {}),
    }
    const asked = prompts.map(({ input, field }, i) => ({
      request: requestOf(exchange, body, input, sampling, prompts.length === 1 ? undefined : i),
      field,
      renamed: { topLogprobs: 'logprobs' },
    }))
    const shape = new CompletionShape(newHead(exchange, 'cmpl'), body.stream_options?.include_usage === true)
    if (body.stream) await answerStreamed(exchange, asked, shape)
    else await answerWhole(exchange, asked, answers => shape.whole(answers))
  },
})
