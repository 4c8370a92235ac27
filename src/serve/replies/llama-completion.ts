import { z } from 'zod'
import { timelineReply } from './timeline.ts'
import { timingsReply } from './timings.ts'

const count = z.int().min(0)
const likelihood = {
  id: count,
  token: z.string(),
  logprob: z.number(),
  bytes: z.array(z.int().min(0).max(255)),
}
const probabilities = z
  .array(z.object({ ...likelihood, top_logprobs: z.array(z.object(likelihood)) }))
  .optional()
  .meta({ description: 'With n_probs; of a stream, in the events of the tokens.' })

const result = z
  .looseObject({
    index: count.optional().meta({ description: 'Counts through: the first prompt’s answers, then the second’s.' }),
    content: z.string().optional(),
    tokens: z.array(count).optional().meta({ description: 'With return_tokens; else empty.' }),
    stop: z.literal(true).optional(),
    model: z.string().optional(),
    tokens_predicted: count.optional(),
    tokens_evaluated: count.optional().meta({ description: 'Tokens of the prompt.' }),
    generation_settings: z.record(z.string(), z.unknown()).optional(),
    prompt: z.string().optional().meta({ description: 'As it was processed, special tokens included.' }),
    has_new_line: z.boolean().optional(),
    truncated: z.boolean().optional().meta({ description: 'It ended because the context was full.' }),
    stop_type: z.enum(['eos', 'limit', 'word']).optional(),
    stopping_word: z.string().optional(),
    tokens_cached: count.optional().meta({ description: 'Tokens of the prompt that lay in the prefix cache.' }),
    timings: timingsReply.optional(),
    timeline: timelineReply,
    completion_probabilities: probabilities,
  })
  .meta({ id: 'LlamaCompletion', description: 'With response_fields: no more than those.' })

/** One answer, or a list where several were asked for. */
export const llamaCompletion = z.union([result, z.array(result)])

export const llamaCompletionChunk = z.union([
  z
    .object({
      index: count,
      content: z.string(),
      tokens: z.array(count),
      stop: z.literal(false),
      tokens_predicted: count,
      tokens_evaluated: count,
      timings: timingsReply.optional(),
      completion_probabilities: probabilities,
    })
    .meta({ id: 'LlamaCompletionChunk' }),
  result,
])
