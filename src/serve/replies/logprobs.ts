import { z } from 'zod'

const logprob = z.number().meta({ description: 'Natural, of the model’s own distribution; −9999 stands for −∞.' })

const likelihood = {
  token: z.string(),
  logprob,
  bytes: z.array(z.int().min(0).max(255)),
}

export const chatLogprobsReply = z
  .object({
    content: z.array(z.object({ ...likelihood, top_logprobs: z.array(z.object(likelihood)) })),
    refusal: z.null(),
  })
  .meta({ id: 'ChatLogprobs' })

export const completionLogprobsReply = z
  .object({
    tokens: z.array(z.string()),
    token_logprobs: z.array(logprob),
    top_logprobs: z.array(z.record(z.string(), logprob)),
    text_offset: z.array(z.int().min(0)).meta({ description: 'Where each token begins, in characters (code points).' }),
  })
  .meta({ id: 'CompletionLogprobs' })
