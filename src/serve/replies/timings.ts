import { z } from 'zod'

const tokens = z.int().min(0)
const ms = z.number().min(0)
const perSecond = z.number().min(0).meta({ description: 'Tokens a second; 0 where no time was measured.' })

export const timingsReply = z
  .object({
    cache_n: tokens.meta({ description: 'Tokens of the prompt that lay in the prefix cache.' }),
    prompt_n: tokens.meta({ description: 'Tokens of the prompt that were processed.' }),
    prompt_ms: ms,
    prompt_per_token_ms: ms,
    prompt_per_second: perSecond,
    predicted_n: tokens.meta({ description: 'Tokens of output.' }),
    predicted_ms: ms.meta({ description: 'From the first token to the last.' }),
    predicted_per_token_ms: ms,
    predicted_per_second: perSecond,
  })
  .meta({ id: 'Timings', description: 'As llama.cpp tells them, in ms.' })
