import { z } from 'zod'
import { SAMPLING_RANGES } from '../../engine/index.ts'
import { answerStreamed, answerWhole } from '../answers/answer.ts'
import { CompletionShape } from '../answers/completion-shape.ts'
import { newHead } from '../answers/new-head.ts'
import { inRange } from '../fields/in-range.ts'
import { promptField, promptsOf } from '../fields/prompts.ts'
import { commonFields, maxTokensField, renamedBy, samplingOf } from '../fields/sampling-fields.ts'
import { toldFields, toldOf } from '../fields/told.ts'
import { COMPLETION_UNSUPPORTED } from '../fields/unsupported.ts'
import { textCompletion, textCompletionChunk } from '../replies/text-completion.ts'
import { requestOf } from './request-of.ts'
import { bodyRoute } from './route.ts'

/** OpenAI's, and vLLM's. */
const DEFAULT_MAX_TOKENS = 16

const schema = z.looseObject({
  prompt: promptField,
  ...commonFields,
  ...toldFields,
  max_tokens: maxTokensField(DEFAULT_MAX_TOKENS),
  // Unlike in chat a number.
  logprobs: inRange(
    SAMPLING_RANGES.topLogprobs,
    'Tells the log-probability of each token, and so many likeliest ones beside it. Default: none.',
  ),
})

export const completions = bodyRoute({
  path: '/v1/completions',
  scope: 'user',
  group: 'text',
  summary: 'Continues a prompt, or several, whole or streamed.',
  body: {
    schema,
    unsupported: COMPLETION_UNSUPPORTED,
    example: { prompt: 'Once upon a time', max_tokens: 32 },
  },
  reply: {
    description: 'The continuation, as OpenAI’s `text_completion`.',
    schema: textCompletion,
    streams: true,
    chunk: textCompletionChunk,
  },
  async handle(exchange, body) {
    const prompts = promptsOf(body.prompt)
    const sampling = {
      maxTokens: DEFAULT_MAX_TOKENS,
      ...samplingOf(body, typeof body.logprobs === 'number' ? { logprobs: true, topLogprobs: body.logprobs } : {}),
    }
    const told = toldOf(body)
    const asked = prompts.map(({ input, field }, i) => ({
      request: requestOf(exchange, body, input, sampling, prompts.length === 1 ? undefined : i),
      field,
      renamed: { ...renamedBy(body), topLogprobs: 'logprobs' },
      tellsIds: told.tokenIds,
    }))
    const shape = new CompletionShape(newHead(exchange, 'cmpl', body.model), told, sampling.n ?? 1)
    if (body.stream) await answerStreamed(exchange, asked, shape)
    else await answerWhole(exchange, asked, (answers, prompts) => shape.whole(answers, prompts))
  },
})
