import { expect, test } from 'vitest'
import type { JsonSchema } from '../openapi/json-schema.ts'
import { typeWords } from './type-words.ts'

test.each<[JsonSchema, string]>([
  [{}, 'anything'],
  [{ type: 'boolean' }, 'true or false'],
  [{ type: ['number', 'null'], exclusiveMinimum: 0, maximum: 1 }, 'number, above 0, up to 1'],
  [{ type: 'number', minimum: -2, maximum: 2 }, 'number, −2 to 2'],
  [{ type: 'integer', minimum: -1, maximum: Number.MAX_SAFE_INTEGER }, 'whole number, −1 or more'],
  [{ type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }, 'whole number'],
  [{ type: 'string', minLength: 1, maxLength: 256 }, 'string of 1 to 256 characters'],
  [{ type: ['string', 'null'], maxLength: 128 }, 'string of up to 128 characters'],
  [{ type: 'integer', minimum: 1, maximum: 262_144 }, 'whole number, 1 to 262\u202f144'],
  [{ type: 'array', items: { type: 'string' }, maxItems: 16 }, 'list of up to 16 strings'],
  [{ type: 'array', items: { title: 'message' }, minItems: 1, maxItems: 9 }, 'list of 1 to 9 messages'],
  [{ enum: ['a', 'b', null] }, 'a or b'],
  [{ const: 'text' }, '"text"'],
  [{ anyOf: [{ type: 'string' }, { type: 'array', title: 'token ids' }, { type: 'null' }] }, 'string or token ids'],
  [{ $ref: '#/components/schemas/Usage' }, 'Usage'],
])('%j is told as %s', (schema, words) => {
  expect(typeWords(schema)).toBe(words)
})
