import { z } from 'zod'

const count = z.int().min(0).max(Number.MAX_SAFE_INTEGER)

export const usageReply = z
  .object({
    prompt_tokens: count,
    completion_tokens: count.meta({ description: 'Of all answers, those of a stop string counted.' }),
    total_tokens: count,
    prompt_tokens_details: z.object({
      cached_tokens: count.meta({ description: 'How much of the prompts lay in the prefix cache.' }),
    }),
  })
  .meta({ id: 'Usage' })

export const finishReason = z
  .enum(['stop', 'length'])
  .meta({ description: '`length`: at max_tokens or the context’s end.' })

/** vLLM’s name. */
export const stopReasonReply = {
  stop_reason: z
    .union([z.string(), z.int().min(0)])
    .optional()
    .meta({ description: 'The stop string or stop id that ended it, if one did.' }),
}
