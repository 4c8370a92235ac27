import { expect, test, vi } from 'vitest'
import { openRemote } from './index.ts'
import { type FakeReply, fakeServer } from './testing/fake-server.ts'
import { SERVERS } from './testing/servers.ts'

vi.stubEnv('WARPLINE_API_KEY', undefined)
vi.stubEnv('OPENAI_API_KEY', undefined)

const text =
  (body: string, status = 200): FakeReply =>
  response =>
    void response.writeHead(status, { 'Content-Type': 'text/plain' }).end(body)

async function loadOf(dialect: string, metrics?: FakeReply) {
  const { replies } = SERVERS.find(server => server.dialect === dialect)!
  await using server = await fakeServer({ ...replies, ...(metrics && { '/metrics': metrics }) })
  await using engine = await openRemote(server.url)
  return await engine.load?.()
}

const VLLM = `\
# HELP vllm:num_requests_running Number of requests in model execution batches.
# TYPE vllm:num_requests_running gauge
vllm:num_requests_running{engine="0",model_name="m"} 3.0
vllm:num_requests_running{engine="1",model_name="m"} 4.0
# TYPE vllm:num_requests_waiting gauge
vllm:num_requests_waiting{engine="0",model_name="m"} 2.0
vllm:num_requests_waiting{engine="1",model_name="m"} 0.0
vllm:num_requests_waiting_by_reason{engine="0",reason="capacity"} 2.0
this line breaks the format
`

test.each<[string, string, object]>([
  ['vllm', VLLM, { running: 7, waiting: 2 }],
  ['sglang', 'sglang:num_running_reqs{tp_rank="0"} 5\nsglang:num_queue_reqs 1\n', { running: 5, waiting: 1 }],
  ['llama.cpp', 'llamacpp:requests_processing 2\nllamacpp:requests_deferred 9\n', { running: 2, waiting: 9 }],
  ['tgi', 'tgi_batch_current_size 6\n', { running: 6, waiting: 0 }],
])('%s tells what others have there', async (dialect, metrics, load) => {
  expect(await loadOf(dialect, text(metrics))).toEqual(load)
})

const OURS = { '/v1/models': { data: [{ id: 'm', owned_by: 'warpline' }] } }

test('a server of ours is asked by a route that costs less', async () => {
  await using server = await fakeServer({ ...OURS, '/load': { server_load: 12, running: 3, waiting: 9 } })
  await using engine = await openRemote(server.url)
  expect(await engine.load?.()).toEqual({ running: 3, waiting: 9 })
  expect(server.asked.some(({ path }) => path === '/metrics')).toBe(false)
})

test('a server of ours that has no such route yet tells nothing', async () => {
  await using server = await fakeServer(OURS)
  await using engine = await openRemote(server.url)
  expect(await engine.load?.()).toBeUndefined()
})

test.each<[string, string, FakeReply | undefined]>([
  ['has no such route', 'vllm', undefined],
  ['tells nothing of it', 'vllm', text('up 1\n')],
  ['tells no number', 'vllm', text('vllm:num_requests_running NaN\n')],
  ['speaks otherwise', 'vllm', text('vllm:num_requests_running{ 1\n')],
  ['wants another key', 'llama.cpp', text('llamacpp:requests_processing 2\n', 403)],
  ['breaks off', 'vllm', response => void response.socket!.destroy()],
  ['is of a kind that never tells', 'ollama', text(VLLM)],
])('undefined of a server that %s', async (_, dialect, metrics) => {
  expect(await loadOf(dialect, metrics)).toBeUndefined()
})

test('a closed engine asks nobody', async () => {
  await using server = await fakeServer(SERVERS[0]!.replies)
  const engine = await openRemote(server.url)
  await engine.close()
  expect(await engine.load?.()).toBeUndefined()
  expect(server.asked.some(({ path }) => path === '/metrics')).toBe(false)
})
