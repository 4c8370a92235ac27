import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type MockServer, serveMock } from '../../test/serve-mock.ts'
import { parseExposition } from '../telemetry/index.ts'
import { KeyAccess, keysFrom } from './index.ts'

const ALICE = 'the-key-of-alice'
const BATCH = 'the-key-of-the-batch'
const OPS = 'the-key-of-operations'

let mock: MockServer
beforeAll(async () => {
  const access = new KeyAccess(keysFrom(`alice ${ALICE}\nbatch ${BATCH} class=bulk\nops ${OPS} admin`))
  mock = await serveMock({ slots: 1, itlMs: 5 }, { access })
})
afterAll(() => mock[Symbol.asyncDispose]())

const headersOf = (key: string, priorityClass?: string) => ({
  Authorization: `Bearer ${key}`,
  ...(priorityClass !== undefined && { 'X-Priority-Class': priorityClass }),
})

function complete(key: string, priorityClass?: string, body: object = {}, init: RequestInit = {}) {
  const headers = headersOf(key, priorityClass)
  return mock.post('/v1/completions', { prompt: 'a', max_tokens: 1, ...body }, { ...init, headers })
}

/** Of all classes, as `/metrics` tells it. */
async function gauge(name: string): Promise<Record<string, number>> {
  const response = await fetch(`${mock.server.url}/metrics`, { headers: headersOf(OPS) })
  const samples = parseExposition(await response.text()).get(name)!.samples as {
    labels: { class: string }
    value: number
  }[]
  return Object.fromEntries(samples.map(({ labels, value }) => [labels.class, value]))
}

test.each<[key: string, asked: string | undefined, status: number]>([
  [ALICE, undefined, 200],
  [ALICE, 'interactive', 200],
  [ALICE, 'system', 400],
  [ALICE, 'urgent', 400],
  [BATCH, undefined, 200],
  [BATCH, 'default', 400],
  [OPS, 'system', 200],
])('%s asks for %s: %i', async (key, asked, status) => {
  const response = await complete(key, asked)
  expect(response.status).toBe(status)
  const body = (await response.json()) as object
  if (status === 400)
    expect(body).toMatchObject({ error: { type: 'invalid_request_error', param: 'x-priority-class' } })
})

test('a higher class is served before a lower one that came first, and both are told of', async () => {
  const leaving = new AbortController()
  const long = { stream: true, max_tokens: 1000 }
  // One in the slot, and one that was let in ahead.
  const running = [1, 2].map(() => complete(ALICE, undefined, long, { signal: leaving.signal }).catch(() => undefined))
  await vi.waitFor(async () => expect(await gauge('warpline:class_running_requests')).toMatchObject({ default: 2 }))
  const order: string[] = []
  const follow = (name: string, answer: Promise<Response>) =>
    answer.then(response => response.text()).then(() => order.push(name))
  const bulk = follow('bulk', complete(BATCH))
  await vi.waitFor(async () => expect(await gauge('warpline:class_waiting_requests')).toMatchObject({ bulk: 1 }))
  const interactive = follow('interactive', complete(ALICE, 'interactive'))
  await vi.waitFor(async () => expect(await gauge('warpline:class_waiting_requests')).toMatchObject({ interactive: 1 }))
  leaving.abort()
  await Promise.all([bulk, interactive, ...running])
  expect(order).toEqual(['interactive', 'bulk'])
  expect(await gauge('warpline:class_waiting_requests')).toEqual({ system: 0, interactive: 0, default: 0, bulk: 0 })
})
