import { z } from 'zod'
import { tokenId } from '../fields/field-types.ts'
import { detokenizeReply } from '../replies/tokens.ts'
import { bodyRoute } from './route.ts'

/** As many as a long context has; they become text between two turns of the event loop. */
const MAX_TOKENS = 2 ** 18

export const detokenize = bodyRoute({
  path: '/detokenize',
  scope: 'user',
  group: 'tokens',
  summary: 'Turns token ids into their text, special tokens included.',
  body: {
    schema: z.looseObject({
      tokens: z
        .array(tokenId, { error: 'must be a list of token ids' })
        .max(MAX_TOKENS, { error: `must have at most ${MAX_TOKENS} entries` })
        .meta({ description: 'The ids.' }),
    }),
    unsupported: {},
    example: { tokens: [1, 2, 3] },
  },
  reply: { description: 'The text.', schema: detokenizeReply },
  async handle(exchange, { tokens }) {
    const text = await exchange.host.engine().detokenize(tokens)
    exchange.json(200, { content: text, prompt: text })
  },
})
