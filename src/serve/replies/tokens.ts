import { z } from 'zod'

const id = z.int().min(0)
const piece = z.union([z.string(), z.array(z.int().min(0).max(255))])

export const tokenizeReply = z
  .object({
    count: id,
    max_model_len: z.int().min(0).meta({ description: 'Tokens of the model’s context; 0 where it is not known.' }),
    tokens: z.union([z.array(id), z.array(z.object({ id, piece }))]).meta({
      description: 'Ids; with with_pieces also what each stands for: a text, or bytes where it is no whole character.',
    }),
    token_strs: z.array(z.string()).nullable().meta({ description: 'With return_token_strs.' }),
  })
  .meta({ id: 'Tokens' })

/** The same text twice, by llama.cpp's name and by vLLM's. */
export const detokenizeReply = z.object({ content: z.string(), prompt: z.string() }).meta({ id: 'DetokenizedText' })

export const applyTemplateReply = z.object({ prompt: z.string() }).meta({ id: 'RenderedChat' })
