import { z } from 'zod'

/** What all of OpenAI’s answers begin with. */
export function head<T extends string>(object: T) {
  return {
    id: z.string().meta({ description: 'The same in all chunks of a stream.' }),
    object: z.literal(object),
    created: z.int().min(0).meta({ description: 'Seconds since 1970.' }),
    model: z.string(),
  }
}
