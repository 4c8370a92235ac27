import { expect, test } from 'vitest'
import { z } from 'zod'
import { schemaOf } from './schema-of.ts'

const of = (field: z.ZodType) => schemaOf(z.looseObject({ field })).schema.properties!.field

test('null is one more type, and a range stands beside it', () => {
  const field = z.number().nullish().meta({ type: 'integer', minimum: 1, description: 'How many.' })
  expect(of(field)).toEqual({ type: ['integer', 'null'], minimum: 1, description: 'How many.' })
})

test('null is one more alternative, where there are several already', () => {
  const field = z.union([z.string().min(1), z.array(z.string())]).nullish()
  expect(of(field)).toEqual({
    anyOf: [{ type: 'string', minLength: 1 }, { type: 'array', items: { type: 'string' } }, { type: 'null' }],
  })
})

test('null is one more value of an enum or a constant', () => {
  expect(of(z.enum(['a', 'b']).nullable().meta({ description: 'x' }))).toEqual({
    type: ['string', 'null'],
    enum: ['a', 'b', null],
    description: 'x',
  })
  expect(of(z.literal('a').nullable().meta({ description: 'x' }))).toMatchObject({ enum: ['a', null] })
})

test('what is marked as required must be there and not null, whatever zod lets through', () => {
  const content = z.string().nullish().meta({ description: 'The text.', 'x-required': true })
  expect(schemaOf(z.looseObject({ content, name: z.string().nullish() })).schema).toEqual({
    type: 'object',
    properties: { content: { type: 'string', description: 'The text.' }, name: { type: ['string', 'null'] } },
    required: ['content'],
  })
})

test('a schema with a name stands once, and is referred to', () => {
  const usage = z.object({ tokens: z.int().min(0) }).meta({ id: 'UsageOfTest' })
  const { schema, named } = schemaOf(z.object({ usage, last: usage.nullable() }))
  const reference = { $ref: '#/components/schemas/UsageOfTest' }
  expect(schema.properties).toEqual({ usage: reference, last: { anyOf: [reference, { type: 'null' }] } })
  expect(named.UsageOfTest).toMatchObject({ type: 'object', required: ['tokens'] })
})
