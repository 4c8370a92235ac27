import { afterEach, describe, expect, test, vi } from 'vitest'
import { serveMock } from '../../test/serve-mock.ts'
import { type Engine, UNKNOWN_CONTEXT } from '../engine/index.ts'
import { openRemote } from '../remote/index.ts'
import { type FakeReply, type FakeServer, fakeServer, json } from '../remote/testing/fake-server.ts'
import { SERVERS } from '../remote/testing/servers.ts'
import { KeyAccess, keysFrom, type ServeOptions, serve } from './index.ts'

vi.stubEnv('WARPLINE_API_KEY', undefined)
vi.stubEnv('OPENAI_API_KEY', undefined)

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]()
})

/** A server over an engine that is a server elsewhere. */
async function gateway(url: string, options: Partial<ServeOptions> = {}) {
  const engine: Engine = await openRemote(url, { retries: 0 })
  open.push(engine)
  const server = await serve({ engine, port: 0, ...options })
  open.push({ [Symbol.asyncDispose]: () => server.close() })
  return (path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
}

async function fake(dialect: string, more: Readonly<Record<string, FakeReply>> = {}): Promise<FakeServer> {
  const server = await fakeServer({ ...SERVERS.find(server => server.dialect === dialect)!.replies, ...more })
  open.push(server)
  return server
}

async function framesOf(response: Response) {
  expect(response.status).toBe(200)
  const text = await response.text()
  expect(text).toMatch(/\n\ndata: \[DONE\]\n\n$/)
  return text.match(/(?<=^data: )\{.*\}$/gm)!.map(
    json =>
      JSON.parse(json) as {
        choices: { delta: { content?: string }; finish_reason: string | null }[]
        usage?: { prompt_tokens: number; completion_tokens: number; prompt_tokens_details: { cached_tokens: number } }
      },
  )
}

const posts = ({ asked }: FakeServer) => asked.filter(({ method }) => method === 'POST')
const chat = { messages: [{ role: 'user', content: 'Hi' }] }

describe.each(SERVERS)('over $dialect', ({ dialect, events, done }) => {
  const { choices, usage } = done as {
    choices: { finishReason: string }[]
    usage: { promptTokens: number; cachedTokens: number; completionTokens: number }
  }

  test('a chat is streamed, and nothing but the chat is asked for', async () => {
    const server = await fake(dialect)
    const post = await gateway(server.url)
    const response = await post('/v1/chat/completions', {
      ...chat,
      stream: true,
      stream_options: { include_usage: true },
    })
    const frames = await framesOf(response)
    const said = frames.flatMap(({ choices }) => choices)
    expect(said.map(({ delta }) => delta.content ?? '').join('')).toBe(events.map(([, text]) => text).join(''))
    expect(said.at(-1)!.finish_reason).toBe(choices[0]!.finishReason)
    // A server that tells it last of all is believed.
    expect(frames.at(-1)!.usage).toMatchObject({
      prompt_tokens: usage.promptTokens,
      completion_tokens: usage.completionTokens,
      prompt_tokens_details: { cached_tokens: usage.cachedTokens },
    })
    expect(posts(server).map(({ path }) => path)).toEqual(['/v1/chat/completions'])
    expect(JSON.parse(posts(server)[0]!.body)).toMatchObject(chat)
  })

  test('a chat is answered whole', async () => {
    const post = await gateway((await fake(dialect)).url)
    expect(await (await post('/v1/chat/completions', chat)).json()).toMatchObject({
      choices: [{ message: { content: events.map(([, text]) => text).join('') } }],
      usage: { prompt_tokens: usage.promptTokens },
    })
  })
})

test('a context that is not told is not told', async () => {
  const post = await gateway((await fake('ollama')).url)
  const { url } = await post('/tokenize', {})
  const get = async (path: string) => (await fetch(new URL(path, url))).json() as Promise<{ data: object[] }>
  const { data } = await get('/v1/models')
  expect(data[0]).not.toHaveProperty('max_model_len')
  expect(data[0]).toMatchObject({ meta: { n_ctx: 0 } })
  expect(await get('/props')).toMatchObject({ default_generation_settings: { n_ctx: 0 } })
  // And so it is not known one server further, either.
  await using further = await openRemote(url)
  expect(further.info.contextLength).toBe(UNKNOWN_CONTEXT)
})

describe('the prompt’s ids', () => {
  const ids = { ...chat, return_token_ids: true }
  test.each([false, true])('are those that the server tells: stream %s', async stream => {
    const server = await fake('vllm')
    const post = await gateway(server.url)
    expect(await (await post('/v1/chat/completions', { ...ids, stream })).text()).toContain(
      '"prompt_token_ids":[1,2,3,4,5,6,7,8,9]',
    )
    expect(posts(server)).toHaveLength(1)
  })

  test.each([false, true])('are asked for where it does not: stream %s', async stream => {
    const server = await fake('sglang', { '/tokenize': { tokens: [4, 5] } })
    const post = await gateway(server.url)
    expect(await (await post('/v1/chat/completions', { ...ids, stream })).text()).toContain('"prompt_token_ids":[4,5]')
    expect(posts(server).map(({ path }) => path)).toEqual(['/v1/chat/completions', '/tokenize'])
  })

  test.each([false, true])('cannot be told where it has no tokenizer: stream %s', async stream => {
    const post = await gateway((await fake('ollama')).url)
    const answer = await post('/v1/chat/completions', { ...ids, stream })
    expect(answer.status).toBe(501)
    expect(await answer.json()).toMatchObject({ error: { code: 'unsupported' } })
  })
})

test('a prompt is counted as its server counts it, once it tells', async () => {
  const post = await gateway((await fake('llama.cpp')).url)
  const response = await post('/v1/chat/completions', { messages: [{ role: 'user', content: 'x'.repeat(4000) }] })
  await response.text()
  const metrics = await (await fetch(new URL('/metrics', response.url))).text()
  expect(metrics).toMatch(/^warpline:tenant_prompt_tokens_total\{tenant="everybody"\} 9$/m)
  expect(metrics).toMatch(/^vllm:prompt_tokens_total\{.*\} 9$/m)
})

test('a prompt that does not fit is its server’s to refuse', async () => {
  const error = { code: 400, message: 'too long', type: 'exceed_context_size_error', n_prompt_tokens: 700, n_ctx: 512 }
  const server = await fake('llama.cpp', { '/v1/chat/completions': json(400, { error }) })
  const post = await gateway(server.url)
  const answer = await post('/v1/chat/completions', { messages: [{ role: 'user', content: 'x '.repeat(5000) }] })
  expect(answer.status).toBe(400)
  expect(await answer.json()).toMatchObject({
    error: { code: 'context_length_exceeded', n_prompt_tokens: 700, n_ctx: 512 },
  })
})

describe('who has a key', () => {
  const key = 'sk-0123456789abcdef'
  const keyed = () => ({ access: new KeyAccess(keysFrom(`alice ${key}\n`)) })
  const bearer = { Authorization: `Bearer ${key}` }

  test('is answered by a server that keeps no caches apart, but not promised that it does', async () => {
    const server = await fake('llama.cpp')
    const post = await gateway(server.url, keyed())
    expect((await post('/v1/chat/completions', chat, bearer)).status).toBe(200)
    expect((await post('/v1/chat/completions', { ...chat, cache_salt: 'mine' }, bearer)).status).toBe(501)
  })

  test('has a cache of its own at one that does', async () => {
    const server = await fake('vllm')
    const post = await gateway(server.url, keyed())
    await post('/v1/chat/completions', chat, bearer)
    expect(JSON.parse(posts(server)[0]!.body).cache_salt).toMatch(/^[\w-]{43}$/)
  })
})

describe('over a server like this one', () => {
  test.each<[string, string, object]>([
    ['chat', '/v1/chat/completions', { ...chat, return_token_ids: true }],
    ['completions', '/v1/completions', { prompt: ['ba be', [1, 2]], return_token_ids: true }],
    ['generate', '/generate', { prompt: 'ba be' }],
    ['llama.cpp’s', '/completion', { prompt: ' ba be', return_tokens: true }],
    ['llama.cpp’s, of ids', '/completion', { prompt: [1, 'ba', 2], return_tokens: true }],
  ])('%s says the same', async (_, path, body) => {
    const mock = await serveMock()
    open.push(mock)
    const post = await gateway(mock.server.url)
    const asked = { ...body, seed: 1, max_tokens: 5, ignore_eos: true }
    const direct = (await (await mock.post(path, asked)).json()) as Record<string, unknown>
    const through = (await (await post(path, asked)).json()) as Record<string, unknown>
    for (const answer of [direct, through])
      for (const field of ['id', 'created', 'timings', 'generation_settings']) delete answer[field]
    expect(through).toEqual(direct)
  })

  test('its callers’ deadlines are kept there, too', async () => {
    const server = await fake('vllm', { '/v1/models': { data: [{ id: 'm', owned_by: 'warpline' }] } })
    const post = await gateway(server.url)
    await post('/v1/chat/completions', chat, { 'X-Request-Timeout-Ms': '5000' })
    expect(Number(posts(server)[0]!.headers['x-request-timeout-ms'])).toBeGreaterThan(1000)
  })
})
