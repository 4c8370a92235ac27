import { z } from 'zod'
import { answerWhole } from '../answers/answer.ts'
import { promptOf, singlePromptField } from '../fields/prompts.ts'
import { commonFields, maxTokensField, renamedBy, samplingOf } from '../fields/sampling-fields.ts'
import { GENERATE_UNSUPPORTED } from '../fields/unsupported.ts'
import { timelineReply } from '../replies/timeline.ts'
import { finishReason } from '../replies/usage.ts'
import { requestOf } from './request-of.ts'
import { bodyRoute } from './route.ts'

const DEFAULT_MAX_TOKENS = 100

/** The plainest route: a prompt in; out come the text and how many tokens it took. */
export const generate = bodyRoute({
  path: '/generate',
  scope: 'user',
  group: 'text',
  summary: 'Continues a prompt: the plainest route.',
  body: {
    schema: z.looseObject({
      prompt: singlePromptField,
      ...commonFields,
      max_tokens: maxTokensField(DEFAULT_MAX_TOKENS),
    }),
    unsupported: GENERATE_UNSUPPORTED,
    example: { prompt: 'Once upon a time', max_tokens: 32 },
  },
  reply: {
    description: 'The text and how many tokens it took.',
    schema: z.object({ text: z.string(), tokens: z.int(), finish_reason: finishReason, timeline: timelineReply }),
  },
  async handle(exchange, body) {
    const { input, field } = promptOf(body.prompt)
    const request = requestOf(exchange, body, input, { maxTokens: DEFAULT_MAX_TOKENS, ...samplingOf(body) })
    await answerWhole(exchange, [{ request, field, renamed: renamedBy(body) }], ([answer]) => ({
      text: answer!.choices[0]!.text,
      tokens: answer!.done.usage.completionTokens,
      finish_reason: answer!.done.choices[0]!.finishReason,
    }))
  },
})
