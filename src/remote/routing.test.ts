import { expect, test, vi } from 'vitest'
import { collect, type RoutingHints } from '../engine/index.ts'
import { openRemote } from './index.ts'
import { fakeServer } from './testing/fake-server.ts'
import { SERVERS } from './testing/servers.ts'

vi.stubEnv('WARPLINE_API_KEY', undefined)
vi.stubEnv('OPENAI_API_KEY', undefined)

const VLLM = SERVERS.find(({ dialect }) => dialect === 'vllm')!.replies
const OURS = { ...VLLM, '/v1/models': { data: [{ id: 'm', owned_by: 'warpline' }] } }
const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

async function headersOf(replies: typeof VLLM, routing: RoutingHints) {
  await using server = await fakeServer(replies)
  await using engine = await openRemote(server.url, { clock: { now: () => 0, at: () => () => undefined } })
  await collect(engine.generate({ input: { messages: [{ role: 'user', content: 'Hi' }] }, id: 'me', routing }))
  return server.asked.find(({ method }) => method === 'POST')!.headers
}

test('a trace goes on', async () => {
  expect(await headersOf(VLLM, { traceparent: TRACE })).toMatchObject({ traceparent: TRACE, 'x-request-id': 'me' })
})

test.each([
  ['a warpline', OURS, 1500.9, '1500'],
  ['a warpline, however late', OURS, 0.2, '1'],
  ['a warpline, however long', OURS, 1e12, '999999999'],
  ['others never', VLLM, 1500, undefined],
])('by when an answer is wanted is told to %s', async (_, replies, deadlineMs, told) => {
  expect((await headersOf(replies, { deadlineMs }))['x-request-timeout-ms']).toBe(told)
})

test('what a request says of where to be answered is told to nobody', async () => {
  const headers = await headersOf(OURS, { session: 's', upstream: 'u', model: 'n' })
  expect(Object.keys(headers).filter(name => name.startsWith('x-'))).toEqual(['x-request-id'])
})

test('the ids of the prompt come with the start where they are told', async () => {
  await using server = await fakeServer(VLLM)
  await using engine = await openRemote(server.url)
  const { start } = await collect(engine.generate({ input: { messages: [{ role: 'user', content: 'Hi' }] } }))
  expect(start).toEqual({ type: 'start', promptTokens: 9, cachedTokens: 0, promptIds: [1, 2, 3, 4, 5, 6, 7, 8, 9] })
})
