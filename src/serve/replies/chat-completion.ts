import { z } from 'zod'
import { head } from './head.ts'
import { chatLogprobsReply } from './logprobs.ts'
import { timelineReply } from './timeline.ts'
import { timingsReply } from './timings.ts'
import { promptTokenIdsReply, tokenIdsReply } from './token-ids.ts'
import { finishReason, stopReasonReply, usageReply } from './usage.ts'

const choice = { index: z.int().min(0), logprobs: chatLogprobsReply.nullable(), ...tokenIdsReply, ...stopReasonReply }

export const chatCompletion = z
  .object({
    ...head('chat.completion'),
    choices: z.array(
      z.object({
        ...choice,
        message: z.object({ role: z.literal('assistant'), content: z.string(), refusal: z.null() }),
        finish_reason: finishReason,
      }),
    ),
    usage: usageReply,
    timings: timingsReply.optional(),
    timeline: timelineReply,
    ...promptTokenIdsReply,
  })
  .meta({ id: 'ChatCompletion' })

export const chatCompletionChunk = z
  .object({
    ...head('chat.completion.chunk'),
    choices: z.array(
      z.object({
        ...choice,
        delta: z.object({ role: z.literal('assistant').optional(), content: z.string().optional() }),
        finish_reason: finishReason.nullable(),
      }),
    ),
    usage: usageReply.nullable().optional(),
    timings: timingsReply.optional(),
    timeline: timelineReply,
    ...promptTokenIdsReply,
  })
  .meta({ id: 'ChatCompletionChunk' })
