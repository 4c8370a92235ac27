import { z } from 'zod'

const count = z.int().min(0)

export const propsReply = z
  .object({
    default_generation_settings: z.object({ n_ctx: count, params: z.record(z.string(), z.unknown()) }),
    total_slots: count.meta({ description: 'Sequences that one step may hold.' }),
    model_alias: z.string(),
    model_path: z.string().meta({ description: 'The model’s name: where its files lie is not told.' }),
    chat_template: z.string().meta({ description: 'Its source; empty where the model has none.' }),
    modalities: z.object({ vision: z.literal(false), audio: z.literal(false) }),
    build_info: z.string(),
    is_sleeping: z.literal(false),
  })
  .meta({ id: 'Props' })
