import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Route } from '../routes/route.ts'
import { ROUTES } from '../routes/routes.ts'
import { documentOf } from './document.ts'
import type { JsonSchema } from './json-schema.ts'
import { problemsOf } from './testing/check-document.ts'

const route = (more: Partial<Route>): Route => ({
  method: 'GET',
  path: '/thing',
  scope: 'user',
  summary: 'A thing.',
  reply: { description: 'The thing.' },
  handle: () => undefined,
  ...more,
})

describe.each([
  ['with keys', true],
  ['without keys', false],
])('the document of a server %s', (_, asksForKeys) => {
  const document = documentOf(ROUTES, asksForKeys)

  test('keeps the rules of OpenAPI 3.1 and JSON Schema 2020-12', () => {
    expect(problemsOf(document)).toEqual([])
  })

  test('survives JSON', () => {
    expect(JSON.parse(JSON.stringify(document))).toEqual(document)
  })

  test('has every method of every path and alias', () => {
    const told = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map(method => `${method.toUpperCase()} ${path}`),
    )
    const served = ROUTES.flatMap(({ method, path, aliases = [] }) =>
      [path, ...aliases].map(place => `${method} ${place}`),
    )
    expect(told.sort()).toEqual(served.sort())
  })

  test('says of every field what it means', () => {
    const silent = Object.entries(document.components.schemas)
      .filter(([name]) => name.endsWith('Request'))
      .flatMap(([name, schema]) =>
        Object.entries(schema.properties ?? {}).flatMap(([field, { description = '' }]) =>
          /\.$/.test(description) ? [] : [`${name}.${field}`],
        ),
      )
    expect(silent).toEqual([])
  })

  test('has examples that their schemas take', () => {
    for (const { path, body } of ROUTES) {
      if (!body) continue
      const name = document.paths[path]!.post!.requestBody!.content['application/json'].schema.$ref!.split('/').at(-1)!
      const schema = { ...document.components.schemas[name], $schema: 'https://json-schema.org/draft/2020-12/schema' }
      expect(z.fromJSONSchema(schema as never).safeParse(body.example), path).toMatchObject({ success: true })
    }
  })
})

test('keys are asked for where a route is not public, and nowhere on a server without keys', () => {
  const securityOf = (asksForKeys: boolean) =>
    Object.fromEntries(
      Object.entries(documentOf(ROUTES, asksForKeys).paths).flatMap(([path, { get, post }]) =>
        [get, post].flatMap(operation => (operation ? [[path, operation.security]] : [])),
      ),
    )
  expect(securityOf(true)).toMatchObject({
    '/v1/chat/completions': [{ bearer: [] }, { apiKey: [] }],
    '/health': [],
    '/openapi.json': [],
  })
  expect(Object.values(securityOf(false)).flat()).toEqual([])
})

test('a refused field is no property, but told with its hint', () => {
  const { properties, 'x-unsupported': unsupported } = documentOf(ROUTES, false).components.schemas.GenerateRequest!
  expect(Object.keys(properties!)).not.toContain('n')
  expect(unsupported).toMatchObject({ n: 'use /v1/completions', grammar: 'output cannot be constrained' })
})

test('an alias names the path that it stands for, and shares its schemas', () => {
  const { paths } = documentOf(ROUTES, false)
  const [main, alias] = [paths['/v1/chat/completions']!.post!, paths['/chat/completions']!.post!]
  expect(alias['x-alias-of']).toBe('/v1/chat/completions')
  expect(alias.requestBody).toEqual(main.requestBody)
  expect(main['x-alias-of']).toBeUndefined()
})

test('two routes in one place are a mistake, and so are two schemas of one name', () => {
  expect(() => documentOf([route({}), route({})], false)).toThrow('GET /thing stands twice in the table')
  const reply = { description: 'It.', schema: z.object({ error: z.string().meta({ id: 'Error' }) }) }
  expect(() => documentOf([route({ reply })], false)).toThrow('two schemas are called Error')
})

test('the check of the rules finds what breaks them', () => {
  const broken = (change: (document: { paths: Record<string, never>; components: Record<string, never> }) => void) => {
    const document = structuredClone(documentOf(ROUTES, true)) as never
    change(document)
    return problemsOf(document)
  }
  type Any = Record<string, Record<string, Record<string, JsonSchema>>>
  expect(broken(document => delete (document.components as Any).schemas!.Usage)).not.toEqual([])
  expect(broken(document => Object.assign((document.components as Any).schemas!.Usage!, { minimum: '0' }))).toEqual([
    '#/components/schemas/Usage/minimum: cannot be "0"',
  ])
  expect(broken(document => Object.assign((document.components as Any).schemas!.Usage!, { maxItmes: 1 }))).toEqual([
    '#/components/schemas/Usage/maxItmes: is no keyword',
  ])
  expect(
    broken(document => Object.assign((document.paths as Any)['/v1/models/{id}']!.get!, { parameters: [] })),
  ).toEqual(['#/paths/~1v1~1models~1{id}/get: has  as parameters of /v1/models/{id}'])
})
