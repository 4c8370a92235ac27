import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { serveMock } from '../../../test/serve-mock.ts'
import { faultOf } from './fault.ts'
import { fuzz } from './fuzz.ts'
import { Generator, type Manner } from './generator.ts'
import { MUTATIONS, type MutationName } from './mutations.ts'
import { OPENAI_OPERATIONS } from './openai-operations.ts'
import { operationsOf } from './operations.ts'
import { Random } from './random.ts'
import { RequestMaker } from './request-maker.ts'
import type { Schema } from './schema.ts'

const isWhole = (value: unknown, min: number, max: number) =>
  Number.isInteger(value) && Number(value) >= min && Number(value) <= max

const DOCUMENT = {
  definitions: {
    Tree: { type: 'object', properties: { next: { $ref: '#/definitions/Tree' } }, required: ['next'] },
    Word: { type: 'string', maxLength: 3 },
  },
}

const SCHEMAS: readonly (readonly [what: string, schema: Schema, allows: (value: unknown) => boolean])[] = [
  ['whole numbers', { type: 'integer', minimum: 2, maximum: 5 }, value => isWhole(value, 2, 5)],
  ['whole numbers without a maximum', { type: 'integer', minimum: 5000 }, value => isWhole(value, 5000, Infinity)],
  [
    'numbers above',
    { type: 'number', exclusiveMinimum: 0, maximum: 1 },
    value => Number(value) > 0 && Number(value) <= 1,
  ],
  [
    'strings',
    { type: 'string', minLength: 3, maxLength: 9 },
    value => String(value).length >= 3 && String(value).length <= 9,
  ],
  ['one of a few', { enum: ['a', 7] }, value => value === 'a' || value === 7],
  ['a constant', { const: null }, value => value === null],
  [
    'either',
    { anyOf: [{ const: 1 }, { type: 'array', items: { const: 2 } }] },
    value => value === 1 || (Array.isArray(value) && value.every(item => item === 2)),
  ],
  [
    'lists',
    { type: 'array', minItems: 1, maxItems: 3, items: { type: 'boolean' } },
    value =>
      Array.isArray(value) && value.length >= 1 && value.length <= 3 && value.every(item => typeof item === 'boolean'),
  ],
  [
    'objects',
    { type: 'object', properties: { a: { const: 1 }, b: { const: 2 } }, required: ['a'] },
    value => ['{"a":1}', '{"a":1,"b":2}'].includes(JSON.stringify(value)),
  ],
  [
    'all at once',
    {
      allOf: [
        { properties: { a: { const: 1 } }, required: ['a'] },
        { properties: { b: { const: 2 } }, required: ['b'] },
      ],
    },
    value => JSON.stringify(value) === '{"a":1,"b":2}',
  ],
  ['references', { $ref: '#/definitions/Word' }, value => typeof value === 'string' && value.length <= 3],
]

describe('the generator makes what a schema allows', () => {
  test.each(SCHEMAS)('%s', (_, schema, allows) => {
    for (const manner of ['typical', 'boundary'] as const satisfies Manner[]) {
      const generator = new Generator(new Random(1), DOCUMENT)
      const values = Array.from({ length: 200 }, () => generator.value(schema, manner))
      expect(values.filter(value => !allows(value))).toEqual([])
    }
  })

  test('and reaches the edges', () => {
    const generator = new Generator(new Random(2))
    const values = Array.from({ length: 50 }, () =>
      generator.value({ type: 'integer', minimum: -3, maximum: 70_000 }, 'boundary'),
    )
    expect(new Set(values)).toEqual(new Set([-3, 70_000, 34_998]))
  })

  test('and says which reference leads nowhere', () => {
    expect(() => new Generator(new Random(1)).value({ $ref: '#/nowhere' }, 'typical')).toThrow(
      'the reference #/nowhere leads nowhere',
    )
  })
})

describe('a spoiled body', () => {
  const value = { messages: [{ role: 'user', content: 'Hello' }], max_tokens: 4, stream: false }
  const bodies = (name: MutationName) => Array.from({ length: 60 }, (_, i) => MUTATIONS[name](value, new Random(3, i)))

  test.each([
    ['none', /^\{"messages":\[\{"role":"user","content":"Hello"\}\],"max_tokens":4,"stream":false\}$/],
    ['wrongType', /"messages":(null|true|"text"|\{\})/],
    ['missing', /^\{"messages":\[\{"role":"user","content":"Hello"\}\],"stream":false\}$/],
    ['extra', /^\{"__proto__":/],
    ['deep', /\[{10000}\]{10000}/],
    ['huge', /"max_tokens":1e999/],
    ['oddText', /\\ud800/],
    ['cut', /^\{"mess[^}]*$/],
    ['garbled', /^(?!\{"messages":\[\{"role":"user","content":"Hello"\}\],"max_tokens":4,"stream":false\}$)/],
    ['twice', /^\{"messages":(null|true|"text"|-1),"messages":\[/],
  ] as const)('%s', (name, seen) => {
    expect(bodies(name).some(body => seen.test(body))).toBe(true)
  })
})

test('requests are the same for the same seed, and others for another', () => {
  const requests = (seed: number) =>
    Array.from({ length: 40 }, (_, i) => new RequestMaker(OPENAI_OPERATIONS, seed).make(i))
  expect(requests(1)).toEqual(requests(1))
  expect(requests(1)).not.toEqual(requests(2))
})

test('operations are those of the description, without what would end the server', () => {
  const body = { requestBody: { content: { 'application/json': { schema: { type: 'object' } } } } }
  const document = {
    paths: { '/a': { post: body }, '/b': { get: {} }, '/off': { post: { ...body, 'x-scope': 'admin' } } },
  }
  expect(operationsOf(document).map(({ method, path, body }) => [method, path, body])).toEqual([
    ['POST', '/a', { type: 'object' }],
    ['GET', '/b', undefined],
  ])
  expect(operationsOf(undefined)).toBe(OPENAI_OPERATIONS)
})

test.each([
  [
    'a fault of the server’s',
    500,
    'application/json',
    '{"error":{"message":"oh","type":"server_error"}}',
    /^status 500: /,
  ],
  ['a bad gateway', 502, 'text/html', '<h1>', /^status 502: /],
  [
    'a feature that is not there',
    501,
    'application/json',
    '{"error":{"message":"no","type":"t","param":null,"code":null}}',
    undefined,
  ],
  ['an error that is a page', 404, 'text/html', '<h1>', /^an error of type "text\/html"/],
  ['an error in another shape', 400, 'application/json', '{"detail":"no"}', /^an error in another shape/],
  ['no JSON', 200, 'application/json', '{', /^no JSON, though it says so/],
  ['a stream that is cut', 200, 'text/event-stream', 'data: 1\n', /^the stream ends within an event$/],
  [
    'a stream of a fault',
    200,
    'text/event-stream',
    'data: {"error":{"type":"server_error"}}\n\n',
    /^the stream tells of a fault/,
  ],
  ['a good stream', 200, 'text/event-stream', 'data: {}\n\ndata: [DONE]\n\n', undefined],
] as const)('an answer that is %s', (_, status, type, text, fault) => {
  const found = faultOf({ status, headers: { 'content-type': type }, text })
  if (fault === undefined) expect(found).toBeUndefined()
  else expect(found).toMatch(fault)
})

test('our server has no fault', async () => {
  await using mock = await serveMock({ ttftMs: 0, itlMs: 0 })
  const report = await fuzz(mock.server.url, { seconds: 1, seed: 11 })
  expect(report.faults).toEqual([])
  expect(report).toMatchObject({ healthy: true })
  expect(report.requests).toBeGreaterThan(0)
})

test('a server that drops connections is found', async () => {
  const server = createServer((_, outgoing) => outgoing.destroy()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const { faults, healthy } = await fuzz(`http://127.0.0.1:${port}`, { seconds: 1 })
  expect(faults[0]?.what).toBe('the connection was lost: ECONNRESET')
  expect(healthy).toBe(false)
  server.close()
})
