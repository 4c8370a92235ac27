import { z } from 'zod'

const count = z.int().min(0)
const ms = z.number().min(0)

const idle = { id: count, n_ctx: count, speculative: z.literal(false) }

export const slotsReply = z.array(
  z.union([
    z.object({ ...idle, is_processing: z.literal(false) }).meta({ id: 'IdleSlot' }),
    z
      .object({
        ...idle,
        is_processing: z.literal(true),
        request_id: z.string(),
        route: z.string(),
        tenant: z.string(),
        sequences: count.meta({ description: 'How many slots the request holds.' }),
        n_prompt_tokens: count.meta({ description: 'Of the request, over all its prompts.' }),
        n_prompt_tokens_cache: count,
        age_ms: ms.meta({ description: 'Since the request arrived.' }),
        first_token_ms: ms.nullable().meta({ description: 'From its arrival to its first token; null until then.' }),
        next_token: z.array(
          z.object({
            has_next_token: z.literal(true),
            n_decoded: count.meta({ description: 'Of the request, over all its answers.' }),
          }),
        ),
      })
      .meta({ id: 'BusySlot' }),
  ]),
)
