import { z } from 'zod'

// null counts as left out, as clients send it for what they do not set.

export const number = z.number({ error: 'must be a number' }).nullish()
export const flag = z.boolean({ error: 'must be true or false' }).nullish()
export const text = z.string({ error: 'must be a string' })
/** What its upper end is depends on the model: the engine checks it. */
export const tokenId = z.number({ error: 'must be a token id' }).meta({ type: 'integer', minimum: 0 })
