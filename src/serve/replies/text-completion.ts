import { z } from 'zod'
import { head } from './head.ts'
import { completionLogprobsReply } from './logprobs.ts'
import { timelineReply } from './timeline.ts'
import { timingsReply } from './timings.ts'
import { promptTokenIdsReply, tokenIdsReply } from './token-ids.ts'
import { finishReason, stopReasonReply, usageReply } from './usage.ts'

const choice = {
  index: z.int().min(0).meta({ description: 'Counts through: the first prompt’s answers, then the second’s.' }),
  text: z.string(),
  logprobs: completionLogprobsReply.nullable(),
  ...tokenIdsReply,
  ...stopReasonReply,
  ...promptTokenIdsReply,
}

export const textCompletion = z
  .object({
    ...head('text_completion'),
    choices: z.array(z.object({ ...choice, finish_reason: finishReason })),
    usage: usageReply,
    timings: timingsReply.optional(),
    timeline: timelineReply,
  })
  .meta({ id: 'TextCompletion' })

export const textCompletionChunk = z
  .object({
    ...head('text_completion'),
    choices: z.array(z.object({ ...choice, finish_reason: finishReason.nullable() })),
    usage: usageReply.nullable().optional(),
    timings: timingsReply.optional(),
    timeline: timelineReply,
  })
  .meta({ id: 'TextCompletionChunk' })
