import { z } from 'zod'
import { flag } from './field-types.ts'

/** `last`: with the end of the answer; `each`: in each chunk of a stream too. */
export type When = 'never' | 'last' | 'each'

/** What a request wants to be told beside the text. */
export interface Told {
  /** Of a stream; a whole answer always has it. */
  readonly usage: When
  /** llama.cpp's `timings`. */
  readonly timings: When
  /** Of prompt and output. */
  readonly tokenIds: boolean
}

/** Fields of the requests that OpenAI knows. */
export const toldFields = {
  stream_options: z
    .looseObject(
      {
        include_usage: flag.meta({ description: 'Ends the stream with a chunk that tells the usage.', default: false }),
        continuous_usage_stats: flag.meta({
          description: 'With include_usage: every chunk tells the usage so far.',
          default: false,
        }),
      },
      { error: 'must be an object' },
    )
    .nullish()
    .meta({ description: 'What a stream tells beside the text.' }),
  timings: flag.meta({
    description: 'Tells how long prompt and output took, with the end of the answer.',
    default: false,
  }),
  timings_per_token: flag.meta({ description: 'The same in every chunk of a stream, too.', default: false }),
  return_token_ids: flag.meta({ description: 'Tells the token ids of prompt and output.', default: false }),
}

export function toldOf(fields: z.infer<z.ZodObject<typeof toldFields>>): Told {
  const { stream_options: options, timings, timings_per_token: perToken, return_token_ids: tokenIds } = fields
  return {
    usage: !options?.include_usage ? 'never' : options.continuous_usage_stats ? 'each' : 'last',
    timings: perToken ? 'each' : timings ? 'last' : 'never',
    tokenIds: tokenIds === true,
  }
}
