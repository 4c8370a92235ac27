import { describe, expect, test, vi } from 'vitest'
import { type Clock, systemClock } from '../clock/index.ts'
import { collect, type Event } from '../engine/index.ts'
import { openRemote } from './index.ts'
import { fakeServer, json } from './testing/fake-server.ts'
import { SERVERS } from './testing/servers.ts'

vi.stubEnv('WARPLINE_API_KEY', undefined)
vi.stubEnv('OPENAI_API_KEY', undefined)

const chat = { input: { messages: [{ role: 'user', content: 'Hi' }] } } as const

describe.each(SERVERS)('$dialect', ({ dialect, replies, info, events, done }) => {
  test('is recognised, and what it tells of its model is told', async () => {
    await using server = await fakeServer(replies)
    await using engine = await openRemote(server.url, { apiKey: 'k' })
    expect(engine.info).toMatchObject({ backend: `remote/${dialect}`, ...info })
    expect(server.asked.map(({ method }) => method)).toEqual(Array(6).fill('GET'))
    expect(server.asked.every(({ headers }) => headers.authorization === 'Bearer k')).toBe(true)
  })

  test('streams an answer', async () => {
    await using server = await fakeServer(replies)
    await using engine = await openRemote(server.url)
    const seen: Event[] = []
    const answer = await collect(engine.generate(chat), event => seen.push(event))
    // Reads of the socket may bring several events of the stream, never parts of one.
    expect(answer.choices[0]!.text).toBe(events.map(([, text]) => text).join(''))
    expect(answer.choices[0]!.ids).toEqual(events.flatMap(([ids]) => ids))
    expect(answer.done).toMatchObject(done)
    expect(seen.length).toBeGreaterThanOrEqual(3)
  })
})

test.each(['', '/', '/v1', '/v1/', '/v1/chat/completions', '/v1/models'])('its address may end in "%s"', async end => {
  await using server = await fakeServer({ '/behind/v1/models': { data: [{ id: 'm' }] } })
  await using engine = await openRemote(`${server.url}/behind${end}`)
  expect(engine.info.model).toBe('m')
})

test('of several models, the first; or the one that is asked for, listed or not', async () => {
  const data = [
    { id: 'a', max_model_len: 10 },
    { id: 'b', max_model_len: 20 },
  ]
  await using server = await fakeServer({ '/v1/models': { data } })
  const infoOf = async (model?: string) => {
    await using engine = await openRemote(server.url, model === undefined ? {} : { model })
    return [engine.info.model, engine.info.contextLength]
  }
  expect(await infoOf()).toEqual(['a', 10])
  expect(await infoOf('b')).toEqual(['b', 20])
  expect(await infoOf('c')).toEqual(['c', 2 ** 31 - 1])
})

test('a server that tells nothing of itself is OpenAI-compatible', async () => {
  await using server = await fakeServer({})
  await using engine = await openRemote(server.url)
  expect(engine.info).toMatchObject({ model: 'default', backend: 'remote/openai' })
})

test('a server that still loads is asked again', async () => {
  let asked = 0
  const loading = json(503, { error: { message: 'Loading model' } }, { 'Retry-After': '1' })
  const props = { default_generation_settings: { n_ctx: 64 } }
  await using server = await fakeServer({
    '/v1/models': { data: [{ id: 'm', owned_by: 'llamacpp' }] },
    '/props': response => (asked++ < 2 ? loading : json(200, props))(response),
  })
  const waits: number[] = []
  const clock: Clock = {
    now: () => 0,
    at(time, run) {
      waits.push(time)
      return systemClock.at(0, run)
    },
  }
  await using engine = await openRemote(server.url, { clock })
  expect(engine.info.contextLength).toBe(64)
  expect(waits).toHaveLength(2)
  for (const wait of waits) expect(Math.abs(wait - 1000)).toBeLessThanOrEqual(250)
})

describe('is not opened', () => {
  test.each([
    ['401', 401, {}, 'unauthorized', 'wants a key: set WARPLINE_API_KEY, or --api-key-file (401: no)'],
    ['401 to a key', 401, { apiKey: 'secret' }, 'unauthorized', 'does not take this key (401: no)'],
    ['403', 403, { apiKey: 'secret' }, 'unauthorized', 'does not take this key (403: no)'],
    ['503', 503, {}, 'overloaded', 'no'],
  ] as const)('a server that answers %s', async (_, status, options, code, message) => {
    await using server = await fakeServer({ '/v1/models': json(status, { error: { message: 'no' } }) })
    const error = await openRemote(server.url, { retries: 0, ...options }).catch((error: unknown) => error)
    expect(error).toMatchObject({ code, message: expect.stringMatching(message.replace(/[()]/g, '\\$&')) })
    expect(String(error)).not.toContain('secret')
  })

  test('a llama-server that lists its model and wants a key for all else', async () => {
    await using server = await fakeServer({ '/v1/models': SERVERS[1]!.replies['/v1/models']!, '/props': json(401, {}) })
    await expect(openRemote(server.url)).rejects.toMatchObject({ code: 'unauthorized' })
  })

  test('one that sends on to another', async () => {
    await using server = await fakeServer({ '/v1/models': json(307, {}, { Location: 'https://elsewhere/v1/models' }) })
    await expect(openRemote(server.url)).rejects.toThrow(
      `${server.url} sends on to https://elsewhere/v1/models: give that as the target`,
    )
  })

  test('where nobody listens, in one line', async () => {
    const { url, ...server } = await fakeServer({})
    await server[Symbol.asyncDispose]()
    await expect(openRemote(`${url}/v1`)).rejects.toMatchObject({
      code: 'unreachable',
      message: `${url}: nobody listens there (ECONNREFUSED)`,
    })
  })
})
