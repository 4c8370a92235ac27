import { z } from 'zod'
import { InvalidRequestError, UnsupportedError } from '../../engine/index.ts'

/** What stands for −∞: no token comes back from it. */
const NEVER = -100

const bias = { anyOf: [{ type: 'number', minimum: -100, maximum: 100 }, { const: false }] }

export const llamaLogitBiasField = z
  .unknown()
  .optional()
  .meta({
    description: 'Added to the logits: pairs of token id and number, or an object of them; false bars the token.',
    anyOf: [
      {
        type: 'array',
        items: { type: 'array', prefixItems: [{ type: 'integer', minimum: 0 }, bias], minItems: 2, maxItems: 2 },
      },
      { type: 'object', propertyNames: { type: 'string', pattern: '^[0-9]{1,15}$' }, additionalProperties: bias },
      { type: 'null' },
    ],
  })

/**
 * llama.cpp's `logit_bias`: `[[15043, 1.5], [29871, false]]`, or OpenAI's object. Ranges are the engine's to check.
 *
 * @throws InvalidRequestError; UnsupportedError where a text stands for its tokens
 */
export function llamaLogitBiasOf(value: unknown): Record<number, number> | undefined {
  if (value === undefined || value === null) return undefined
  const entries = entriesOf(value)
  return Object.fromEntries(entries.map(([field, token, bias]) => [tokenOf(token, field), biasOf(bias, field)]))
}

function entriesOf(value: unknown): (readonly [field: string, token: unknown, bias: unknown])[] {
  if (Array.isArray(value))
    return value.map((pair: unknown, i) => {
      const field = `logit_bias[${i}]`
      if (!Array.isArray(pair) || pair.length !== 2) throw refusal(field, 'must be a pair of token id and bias')
      return [field, pair[0], pair[1]]
    })
  if (typeof value !== 'object') throw refusal('logit_bias', 'must be a list of pairs or an object')
  return Object.entries(value!).map(([token, bias]) => [
    'logit_bias',
    /^\d{1,15}$/.test(token) ? Number(token) : token,
    bias,
  ])
}

function tokenOf(token: unknown, field: string): number {
  if (typeof token === 'string')
    throw new UnsupportedError(
      `${field} names a text, which is not supported: name token ids, as /tokenize gives`,
      field,
    )
  if (typeof token !== 'number') throw refusal(field, 'must begin with a token id')
  return token
}

function biasOf(bias: unknown, field: string): number {
  if (bias === false) return NEVER
  if (typeof bias !== 'number') throw refusal(field, 'must have a number, or false, as its bias')
  return bias
}

function refusal(field: string, complaint: string): InvalidRequestError {
  return new InvalidRequestError(`${field} ${complaint}`, field)
}
