import { afterEach, describe, expect, test } from 'vitest'
import { done, saying, scriptedEngine, tokens } from '../../test/scripted-engine.ts'
import { type EngineInfo, type Event, type GenerateRequest, ModelNotFoundError } from '../engine/index.ts'
import { type ServeOptions, type Server, serve } from './index.ts'

let server: Server
afterEach(() => server.close())

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const SEVERAL: Partial<EngineInfo> = { model: 'small', models: ['small', 'large'] }
const started: Event = { type: 'start', promptTokens: 5, cachedTokens: 2 }
const ANSWER = [started, tokens('Hi', [1]), done()]
const chat = { messages: [{ role: 'user', content: 'Hi' }] }

/** A server, what its engine was asked, and a way to ask it. */
async function served(
  info: Partial<EngineInfo> = {},
  events: (Event | Error)[] = ANSWER,
  options: Partial<ServeOptions> = {},
) {
  const asked: GenerateRequest[] = []
  const script = saying(...events)
  const engine = scriptedEngine(request => {
    asked.push(request)
    return script()
  }, info)
  server = await serve({ engine, port: 0, ...options })
  const post = (body: object, headers: Record<string, string> = {}, path = '/v1/chat/completions') =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  return { asked, post, get: async (path: string) => (await fetch(server.url + path)).json() }
}

describe('where a request wants to be answered', () => {
  test.each<[string, object, Record<string, string>, object | undefined]>([
    ['nowhere in particular', {}, {}, undefined],
    ['nowhere, in so many words', { user: null, prompt_cache_key: '', model: '' }, { 'X-Session-Id': '' }, undefined],
    ['with its user’s others', { user: 'u' }, {}, { session: 'u' }],
    ['where its prompt may be', { user: 'u', prompt_cache_key: 'k' }, {}, { session: 'k' }],
    ['in its session', { user: 'u', prompt_cache_key: 'k' }, { 'X-Session-Id': 's' }, { session: 's' }],
    ['by one engine', {}, { 'X-Warpline-Upstream': 'gpu-3' }, { upstream: 'gpu-3' }],
    ['by a model', { model: 'large' }, {}, { model: 'large' }],
    ['by the default model', { model: 'small' }, {}, undefined],
  ])('%s', async (_, fields, headers, routing) => {
    const { asked, post } = await served(SEVERAL)
    expect((await post({ ...chat, ...fields }, headers)).status).toBe(200)
    expect(asked[0]!.routing).toEqual(routing)
  })

  test('any model will do where there is one', async () => {
    const { asked, post } = await served({ models: ['scripted'] })
    expect(await (await post({ ...chat, model: 'gpt-9' })).json()).toMatchObject({ model: 'scripted' })
    expect(asked[0]!.routing).toBeUndefined()
  })

  test.each<[string, string, object]>([
    ['chat', '/v1/chat/completions', chat],
    ['completions', '/v1/completions', { prompt: ['a', 'b'] }],
    ['llama.cpp’s', '/completion', { prompt: 'a' }],
    ['generate', '/generate', { prompt: 'a' }],
  ])('%s says it', async (_, path, body) => {
    const { asked, post } = await served(SEVERAL)
    const answer = await post({ ...body, model: 'large' }, {}, path)
    if (path !== '/generate') expect(await answer.json()).toMatchObject({ model: 'large' })
    expect(asked.map(({ routing }) => routing)).toEqual(asked.map(() => ({ model: 'large' })))
  })

  test('as part of a trace, the request’s own place in it', async () => {
    const { asked, post } = await served()
    const { headers } = await post(chat, { traceparent: TRACE })
    expect(asked[0]!.routing).toEqual({ traceparent: headers.get('traceparent') })
    expect(asked[0]!.routing!.traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)/)
  })

  test('in the time that is left', async () => {
    const { asked, post } = await served()
    await post({ ...chat, user: 'u' }, { 'X-Request-Timeout-Ms': '5000' })
    const { deadlineMs, ...rest } = asked[0]!.routing!
    expect(rest).toEqual({ session: 'u' })
    expect(deadlineMs).toBeLessThanOrEqual(5000)
    expect(deadlineMs).toBeGreaterThan(1000)
  })

  test.each<[object, Record<string, string>, string]>([
    [{ user: 'x'.repeat(257) }, {}, 'user'],
    [{ prompt_cache_key: 'x'.repeat(257) }, {}, 'prompt_cache_key'],
    [{ user: 7 }, {}, 'user'],
    [{}, { 'X-Session-Id': 'x'.repeat(257) }, 'x-session-id'],
    [{}, { 'X-Warpline-Upstream': 'x'.repeat(257) }, 'x-warpline-upstream'],
  ])('%j %j is refused', async (fields, headers, param) => {
    const { post } = await served()
    const answer = await post({ ...chat, ...fields }, headers)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ error: { code: 'invalid_request', param } })
  })

  test('a model that the engine does not have is not found', async () => {
    const { post } = await served(SEVERAL, [new ModelNotFoundError('there is no model "huge"')])
    const answer = await post({ ...chat, model: 'huge' })
    expect(answer.status).toBe(404)
    expect(await answer.json()).toMatchObject({
      error: { code: 'model_not_found', message: 'there is no model "huge"' },
    })
  })
})

describe('which engine answered', () => {
  const begun: Event = {
    type: 'start',
    promptTokens: 5,
    cachedTokens: 2,
    served: { upstream: 'gpu 3ü', overheadMs: 1000, attempts: 1 },
  }
  test.each([false, true])('is told, and what that took: stream %s', async stream => {
    const { post } = await served({}, [begun, tokens('Hi', [1]), done()])
    const { headers } = await post({ ...chat, stream })
    expect(headers.get('x-warpline-upstream')).toBe('gpu%203%C3%BC')
    expect(headers.get('x-warpline-overhead-ms')).toMatch(/^1\d{3}\.\d{3}$/)
    expect(Number(headers.get('x-warpline-overhead-ms'))).toBeLessThan(1500)
  })

  test('is not told where there is one', async () => {
    const { post } = await served()
    const { headers } = await post(chat)
    expect([headers.get('x-warpline-upstream'), headers.get('x-warpline-overhead-ms')]).toEqual([null, null])
  })
})

describe('several models', () => {
  test('are listed, the default first and alone with what is known of it', async () => {
    const { get } = await served(SEVERAL)
    const { data } = (await get('/v1/models')) as { data: object[] }
    const common = { object: 'model', created: expect.any(Number), owned_by: 'warpline' }
    expect(data).toEqual([
      { id: 'small', ...common, max_model_len: 100, meta: { n_vocab: 100, n_ctx: 100, n_params: 0 } },
      { id: 'large', ...common },
    ])
    expect(await get('/v1/models/large')).toEqual(data[1])
    expect(await get('/v1/models/huge')).toMatchObject({ error: { code: 'model_not_found' } })
  })

  test('the default may bear another name', async () => {
    const { asked, get, post } = await served(SEVERAL, ANSWER, { model: 'mine' })
    expect(await get('/v1/models')).toMatchObject({ data: [{ id: 'mine' }, { id: 'large' }] })
    expect(await (await post({ ...chat, model: 'mine' })).json()).toMatchObject({ model: 'mine' })
    expect(asked[0]!.routing).toBeUndefined()
  })
})

test('what others measure is told with the rest', async () => {
  let scrapes = 0
  const family = {
    name: 'warpline_router_retries_total',
    help: 'Retries.',
    type: 'counter',
    collect: () => [{ value: ++scrapes }],
  } as const
  await served({}, ANSWER, { families: () => [family] })
  const read = async () => (await fetch(`${server.url}/metrics`)).text()
  expect(await read()).toContain('\nwarpline_router_retries_total 1\n')
  expect(await read()).toContain('\nwarpline_router_retries_total 2\n')
})
