import { z } from 'zod'
import { head } from './head.ts'

const { id, object, created } = head('model')

export const modelReply = z
  .object({
    id,
    object,
    created: created.meta({ description: 'When the server started, in seconds since 1970.' }),
    owned_by: z.string(),
    max_model_len: z
      .int()
      .min(1)
      .optional()
      .meta({ description: 'Tokens of context; absent while the model loads, and where they are not known.' }),
    meta: z
      .object({ n_vocab: z.int(), n_ctx: z.int(), n_params: z.int().optional() })
      .optional()
      .meta({ description: 'As llama.cpp tells it; absent while the model loads.' }),
  })
  .meta({ id: 'Model' })

export const modelsReply = z.object({ object: z.literal('list'), data: z.array(modelReply) }).meta({ id: 'ModelList' })
