import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recordingLogger } from '../../test/recording-logger.ts'
import { type MockServer, serveMock } from '../../test/serve-mock.ts'
import { createMockEngine } from '../mock/index.ts'
import { KeyAccess, keysFrom, serve } from './index.ts'

const ALICE = 'the-key-of-alice'
const BOB = 'the-key-of-bobby'
const logger = recordingLogger()

let mock: MockServer
beforeAll(async () => {
  // The addresses of all these tests are one.
  const access = new KeyAccess(keysFrom(`alice ${ALICE}\nbob ${BOB}`), {
    clock: { now: quickly(), at: () => () => {} },
  })
  mock = await serveMock({}, { access, logger })
})
afterAll(() => mock[Symbol.asyncDispose]())

/** A clock by which each failure is long ago when the next comes. */
function quickly(): () => number {
  let now = 0
  return () => (now += 10_000)
}

const bearer = (key: string) => ({ Authorization: `Bearer ${key}` })
const prompt = { prompt: 'a', max_tokens: 1 }

describe('what needs a key', () => {
  test.each<[string, string, number]>([
    ['GET', '/health', 200],
    ['GET', '/live', 200],
    ['HEAD', '/health', 200],
    ['POST', '/health', 401],
    ['GET', '/v1/models', 401],
    ['HEAD', '/v1/models', 401],
    ['GET', '/v1/models/mock', 401],
    ['POST', '/v1/chat/completions', 401],
    ['POST', '/v1/completions', 401],
    ['POST', '/generate', 401],
    ['GET', '/nowhere', 401],
    ['DELETE', '/v1/models', 401],
  ])('%s %s without one: %i', async (method, path, expected) => {
    const response = await fetch(mock.server.url + path, { method })
    expect(response.status).toBe(expected)
    if (expected !== 401) return
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    if (method === 'HEAD') return
    expect(await response.json()).toEqual({
      error: {
        message: 'this needs a valid API key: send it as Authorization: Bearer KEY, or as X-Api-Key: KEY',
        type: 'authentication_error',
        param: null,
        code: 'invalid_api_key',
      },
    })
  })

  test('with one, what is not there is 404 and 405 again', async () => {
    const headers = bearer(ALICE)
    expect((await fetch(`${mock.server.url}/nowhere`, { headers })).status).toBe(404)
    expect((await fetch(`${mock.server.url}/v1/models`, { headers, method: 'DELETE' })).status).toBe(405)
  })

  test.each([
    ['Authorization', `Bearer ${ALICE}`, 200],
    ['X-Api-Key', ALICE, 200],
    ['Authorization', `Bearer ${ALICE}x`, 401],
    ['X-Api-Key', '', 401],
  ])('%s: %s: %i', async (name, value, expected) => {
    expect((await mock.post('/generate', prompt, { headers: { [name]: value } })).status).toBe(expected)
  })

  test('is known before the body is read', async () => {
    const response = await mock.post('/generate', ' '.repeat(2 ** 20), { headers: bearer('a-key-that-is-wrong') })
    expect(response.status).toBe(401)
  })
})

test('who has a key does not find what others have cached', async () => {
  const cached = async (key: string) => {
    const body = { prompt: Array(256).fill(7), max_tokens: 1 }
    const response = await mock.post('/v1/completions', body, { headers: bearer(key) })
    const { usage } = (await response.json()) as { usage: { prompt_tokens_details: { cached_tokens: number } } }
    return usage.prompt_tokens_details.cached_tokens
  }
  expect(await cached(ALICE)).toBe(0)
  expect(await cached(BOB)).toBe(0)
  expect(await cached(ALICE)).toBeGreaterThan(200)
})

test('too many failures are 429, with the time to wait', async () => {
  await using limited = await serveMock({}, { access: new KeyAccess(keysFrom(ALICE)) })
  const url = `${limited.server.url}/v1/models`
  const statuses = []
  for (let i = 0; i < 21; i++) statuses.push((await fetch(url)).status)
  expect(statuses).toEqual([...Array(20).fill(401), 429])
  const response = await fetch(url)
  expect(response.headers.get('retry-after')).toMatch(/^(?:10|\d)$/)
  expect(await response.json()).toMatchObject({ error: { type: 'rate_limit_error', code: 'too_many_attempts' } })
})

test('no key is ever logged', () => {
  expect(JSON.stringify(logger.entries)).not.toContain('the-key-of')
})

test('keys make a server fit for an address that others can reach', async () => {
  const server = await serve({
    engine: createMockEngine(),
    host: '0.0.0.0',
    port: 0,
    access: new KeyAccess(keysFrom(ALICE)),
  })
  await server.close()
})
