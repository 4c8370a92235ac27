import { expect, test } from 'vitest'
import { fieldRows } from './field-rows.ts'

test('fields of objects, of lists of objects and behind references are told by their paths', () => {
  const schemas = { Usage: { type: 'object', properties: { tokens: { type: 'integer' } } } } as const
  const rows = fieldRows(
    {
      type: 'object',
      properties: {
        messages: {
          type: 'array',
          items: { type: 'object', title: 'message', properties: { role: { type: 'string' } }, required: ['role'] },
        },
        usage: { anyOf: [{ $ref: '#/components/schemas/Usage' }, { type: 'null' }], description: 'How much.' },
        n: { type: ['integer', 'null'], default: 1 },
      },
      required: ['messages'],
    },
    schemas,
  )
  const none = { description: '', required: false, byDefault: undefined }
  expect(rows).toEqual([
    { ...none, path: 'messages', type: 'list of messages', required: true },
    { ...none, path: 'messages[].role', type: 'string', required: true },
    { ...none, path: 'usage', type: 'object', description: 'How much.' },
    { ...none, path: 'usage.tokens', type: 'whole number' },
    { ...none, path: 'n', type: 'whole number', byDefault: '1' },
  ])
})
