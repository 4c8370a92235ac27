import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type MockServer, serveMock } from '../../../test/serve-mock.ts'
import { ROUTES } from '../routes/routes.ts'
import { documentOf } from './document.ts'
import type { JsonSchema } from './json-schema.ts'

const { paths, components } = documentOf(ROUTES, false)

interface Field {
  readonly path: string
  readonly field: string
  readonly schema: JsonSchema
  /** What the field's request holds besides. */
  readonly rest: Readonly<Record<string, unknown>>
}

const UNLIMITED = { max_tokens: Number.MAX_SAFE_INTEGER, n_predict: undefined }

/** What some fields make sense with alone, or without. */
const COMPANIONS: Readonly<Record<string, object>> = {
  top_logprobs: { logprobs: true },
  min_tokens: UNLIMITED,
  max_tokens: { n_predict: undefined },
  max_completion_tokens: { n_predict: undefined },
  prompt: { content: undefined },
  messages: { content: undefined },
}

const FIELDS: readonly Field[] = Object.entries(paths).flatMap(([path, { post }]) => {
  if (!post?.requestBody || post['x-alias-of']) return []
  const { schema, example } = post.requestBody.content['application/json']
  const { properties = {} } = components.schemas[schema.$ref!.split('/').at(-1)!]!
  return Object.entries(properties).map(([field, schema]) => {
    const short = 'max_tokens' in properties && !('n_predict' in properties) ? { max_tokens: 1 } : {}
    return { path, field, schema, rest: { ...(example as object), ...short, ...COMPANIONS[field] } }
  })
})

let mock: MockServer
beforeAll(async () => {
  mock = await serveMock({ ttftMs: 0, itlMs: 0, contextLength: 8192, tokens: 1 })
})
afterAll(() => mock[Symbol.asyncDispose]())

async function answerTo({ path, field, rest }: Field, value: unknown) {
  const response = await mock.post(path, { ...rest, [field]: value })
  const body = (await response.json()) as { error?: { param: string | null } }
  return { status: response.status, param: body.error?.param?.match(/^\w+/)?.[0] }
}

const isNumeric = ({ schema }: Field) => [schema.type].flat().some(type => type === 'integer' || type === 'number')

function inside({ type, minimum, exclusiveMinimum, maximum }: JsonSchema): fc.Arbitrary<number> {
  if ([type].flat().includes('integer')) return fc.integer({ min: minimum!, max: maximum! })
  return fc.double({
    min: minimum ?? exclusiveMinimum ?? -1e9,
    max: maximum ?? 1e9,
    minExcluded: exclusiveMinimum !== undefined,
    noNaN: true,
  })
}

/** The range's own ends, where they are part of it. */
function ends({ minimum, maximum }: JsonSchema): [number][] {
  return [minimum, maximum].filter(end => end !== undefined).map(end => [end])
}

function outside({ type, minimum, exclusiveMinimum, maximum }: JsonSchema): number[] {
  const step = [type].flat().includes('integer') ? 1 : 1e-9
  return [
    ...(minimum === undefined ? [] : [minimum - step]),
    ...(exclusiveMinimum === undefined ? [] : [exclusiveMinimum]),
    ...(maximum === undefined ? [] : [maximum + step]),
    ...(step === 1 ? [0.5] : []),
  ]
}

describe.each(FIELDS.filter(isNumeric))('$field of $path', field => {
  test('is taken anywhere in its documented range', () =>
    fc.assert(
      fc.asyncProperty(inside(field.schema), async value => {
        expect(await answerTo(field, value), String(value)).toEqual({ status: 200, param: undefined })
      }),
      { numRuns: 10, examples: ends(field.schema) },
    ))

  test('is refused by name just outside of it', async () => {
    for (const value of outside(field.schema))
      expect(await answerTo(field, value), String(value)).toEqual({ status: 400, param: field.field })
  })
})

/** Some value that a schema takes. */
function sample(schema: JsonSchema): unknown {
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  if (schema.anyOf) return sample(schema.anyOf[0]!)
  const type = [schema.type].flat()[0]
  if (type === 'array') return Array.from({ length: schema.minItems ?? 0 }, () => sample(schema.items!))
  if (type === 'object')
    return Object.fromEntries((schema.required ?? []).map(name => [name, sample(schema.properties![name]!)]))
  return type === 'string' ? 'x' : type === 'boolean' ? false : (schema.minimum ?? 0)
}

/** The longest that a schema takes, and one more; a pair for each limit. */
function lengths(schema: JsonSchema): [fits: unknown, tooLong: unknown][] {
  const { maxLength, maxItems, maxProperties, items = {}, anyOf = [] } = schema
  const text = (length: number) => 'x'.repeat(length)
  const list = (length: number) => Array.from({ length }, () => sample(items))
  const object = (length: number) => Object.fromEntries(Array.from({ length }, (_, i) => [i, 0]))
  return [
    ...(maxLength === undefined ? [] : [[text(maxLength), text(maxLength + 1)] as [unknown, unknown]]),
    ...(maxItems === undefined ? [] : [[list(maxItems), list(maxItems + 1)] as [unknown, unknown]]),
    ...(maxProperties === undefined ? [] : [[object(maxProperties), object(maxProperties + 1)] as [unknown, unknown]]),
    ...anyOf.flatMap(lengths),
  ]
}

const LIMITED = FIELDS.flatMap(field =>
  lengths(field.schema).map(([fits, tooLong], i) => ({ ...field, fits, tooLong, limit: i + 1 })),
)

test.each(LIMITED)('$field of $path is taken up to limit $limit, and refused by name beyond', async field => {
  expect((await answerTo(field, field.fits)).status).toBe(200)
  expect(await answerTo(field, field.tooLong)).toEqual({ status: 400, param: field.field })
})

test('there are ranges and limits to be held to', () => {
  expect(FIELDS.filter(isNumeric).length).toBeGreaterThan(30)
  expect(LIMITED.map(({ field }) => field)).toEqual(
    expect.arrayContaining(['messages', 'stop', 'logit_bias', 'prompt']),
  )
})
