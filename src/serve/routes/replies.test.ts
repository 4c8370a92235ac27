import { afterAll, beforeAll, expect, test } from 'vitest'
import { type MockServer, serveMock } from '../../../test/serve-mock.ts'
import { ROUTES } from './routes.ts'

let mock: MockServer
beforeAll(async () => {
  mock = await serveMock({ model: 'mock' })
})
afterAll(() => mock[Symbol.asyncDispose]())

/** What brings all that may be told beside the text. */
const TELL_ALL = {
  logprobs: true,
  timings_per_token: true,
  return_token_ids: true,
  stream_options: { include_usage: true, continuous_usage_stats: true },
}
const COUNTED = { ...TELL_ALL, logprobs: 2 }
const MORE: Readonly<Record<string, object>> = {
  '/v1/chat/completions': { ...TELL_ALL, top_logprobs: 2 },
  '/v1/completions': COUNTED,
  '/completion': { ...COUNTED, return_tokens: true },
  '/tokenize': { return_token_strs: true },
}

function ask(path: string, example: unknown, more: object = {}): Promise<Response> {
  if (example === undefined) return fetch(mock.server.url + path.replace('{id}', 'mock'))
  return mock.post(path, { ...(example as object), ...more })
}

const documented = ROUTES.filter(({ reply }) => reply.schema !== undefined)

test.each(documented.map(route => [route.path, route] as const))(
  '%s answers as its schema says',
  async (path, route) => {
    for (const more of [{}, MORE[path] ?? {}]) {
      const response = await ask(path, route.body?.example, more)
      expect(response.status).toBe(route.reply.status ?? 200)
      route.reply.schema!.parse(await response.json())
    }
  },
)

test.each(documented.filter(({ reply }) => reply.streams).map(route => [route.path, route] as const))(
  '%s streams as its schema says',
  async (path, route) => {
    for (const more of [{}, MORE[path] ?? {}]) {
      const text = await (await ask(path, route.body!.example, { ...more, stream: true })).text()
      const events = text.match(/(?<=^data: )\{.*\}$/gm)!
      expect(events.length).toBeGreaterThan(1)
      for (const event of events) route.reply.chunk!.parse(JSON.parse(event))
    }
  },
)
