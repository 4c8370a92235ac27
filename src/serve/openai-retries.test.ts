import OpenAI, {
  APIConnectionTimeoutError,
  AuthenticationError,
  InternalServerError,
  PermissionDeniedError,
  RateLimitError,
} from 'openai'
import { afterEach, describe, expect, test } from 'vitest'
import { done, scriptedEngine, start, tokens } from '../../test/scripted-engine.ts'
import { type Engine, type Event, OverloadedError } from '../engine/index.ts'
import { createMockEngine } from '../mock/index.ts'
import { KeyAccess, keysFrom, type ServeOptions, type Server, serve } from './index.ts'

/** How OpenAI's own client takes a server that is busy, or that does not know it. */
let server: Server
afterEach(() => server.close())

const chat = { model: 'any', messages: [{ role: 'user' as const, content: 'Hi' }] }

async function clientOf(engine: Engine, options: Partial<ServeOptions> = {}, apiKey = 'none'): Promise<OpenAI> {
  server = await serve({ engine, port: 0, ...options })
  return new OpenAI({ baseURL: `${server.url}/v1`, apiKey, maxRetries: 1 })
}

/** Too busy so many times, and then not. */
function busyEngine(times: number, retryAfterMs: number): { engine: Engine; calls: () => number } {
  let calls = 0
  const engine = scriptedEngine(async function* (): AsyncGenerator<Event> {
    if (calls++ < times) throw new OverloadedError('too much waits', retryAfterMs)
    yield* [start, tokens('Hello', [1]), done()]
  })
  return { engine, calls: () => calls }
}

describe('a server that is busy', () => {
  /** Longer than the client would wait of its own: at most 500 ms. */
  const AFTER_MS = 700

  test.each([false, true])('is asked again when it said, and then answers (stream: %s)', async stream => {
    const { engine, calls } = busyEngine(1, AFTER_MS)
    const client = await clientOf(engine)
    const begin = performance.now()
    const answer = await client.chat.completions.create({ ...chat, stream })
    expect(performance.now() - begin).toBeGreaterThanOrEqual(AFTER_MS)
    expect(calls()).toBe(2)
    if (!('controller' in answer)) expect(answer.choices[0]!.message.content).toBe('Hello')
    else
      for await (const { choices } of answer)
        if (choices[0]!.finish_reason) expect(choices[0]!.finish_reason).toBe('stop')
  })

  test('is a RateLimitError once the client gives up', async () => {
    const { engine, calls } = busyEngine(9, 1)
    const client = await clientOf(engine)
    const error = await client.chat.completions.create(chat).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(RateLimitError)
    expect(error).toMatchObject({ status: 429, code: 'overloaded', type: 'rate_limit_error' })
    expect((error as RateLimitError).headers.get('retry-after')).toBe('1')
    expect((error as RateLimitError).requestID).toMatch(/^req-/)
    expect(calls()).toBe(2)
  })

  test('is asked again while its model loads', async () => {
    let loaded = (_: Engine) => {}
    const loading = new Promise<Engine>(resolve => {
      loaded = resolve
    })
    server = await serve({ engine: loading, port: 0 })
    let answers = 0
    const client = new OpenAI({
      baseURL: `${server.url}/v1`,
      apiKey: 'none',
      maxRetries: 1,
      fetch: async (url, init) => {
        const response = await fetch(url, init)
        // The model is there once the client has been refused.
        if (answers++ === 0) loaded(createMockEngine({ ttftMs: 1, itlMs: 1 }))
        return response
      },
    })
    const answer = await client.chat.completions.create({ ...chat, max_tokens: 1 })
    expect(answer.usage!.completion_tokens).toBe(1)
    expect(answers).toBe(2)
  })

  test('that does not answer in time is the client’s own timeout, and its engine is free again', async () => {
    const engine = createMockEngine({ ttftMs: 60_000 })
    const client = await clientOf(engine)
    const slow = client.chat.completions.create(chat, { timeout: 50, maxRetries: 0 })
    await expect(slow).rejects.toBeInstanceOf(APIConnectionTimeoutError)
    await expect.poll(() => engine.stats().running).toBe(0)
  })

  test('a deadline of the client’s that cannot be kept is a 504', async () => {
    const client = await clientOf(createMockEngine({ ttftMs: 60_000 }))
    const headers = { 'X-Request-Timeout-Ms': '50' }
    const error = await client.chat.completions.create(chat, { headers, maxRetries: 0 }).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(InternalServerError)
    expect(error).toMatchObject({ status: 504, code: 'deadline_exceeded', type: 'timeout_error' })
  })
})

describe('keys', () => {
  const KEY = 'a-key-of-sixteen-characters-or-more'
  const access = () => new KeyAccess(keysFrom(`mine ${KEY}`))

  test('a wrong one is an AuthenticationError, without another try', async () => {
    const client = await clientOf(createMockEngine(), { access: access() }, 'another-key-of-sixteen-characters')
    const error = await client.models.list().catch((e: unknown) => e)
    expect(error).toBeInstanceOf(AuthenticationError)
    expect(error).toMatchObject({ status: 401, code: 'invalid_api_key' })
  })

  test('whose tokens of this minute are used up is told until when', async () => {
    const limited = new KeyAccess(keysFrom(`mine ${KEY} tokens-per-minute=600`))
    const client = await clientOf(createMockEngine({ ttftMs: 1, itlMs: 1 }), { access: limited }, KEY)
    const most = { ...chat, max_tokens: 500, ignore_eos: true }
    await client.chat.completions.create(most)
    const error = await client.chat.completions.create(most, { maxRetries: 0 }).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(RateLimitError)
    expect(error).toMatchObject({ status: 429, code: 'rate_limited', type: 'rate_limit_error' })
    // Some 400 tokens are missing, of which one comes back every 100 ms.
    const seconds = Number((error as RateLimitError).headers.get('retry-after'))
    expect(seconds).toBeGreaterThan(30)
    expect(seconds).toBeLessThanOrEqual(60)
  })

  test('a good one is let in, and not to what admins may do', async () => {
    const client = await clientOf(createMockEngine({ ttftMs: 1, itlMs: 1 }), { access: access() }, KEY)
    expect((await client.chat.completions.create({ ...chat, max_tokens: 1 })).usage!.completion_tokens).toBe(1)
    await expect(client.get(`${server.url}/slots`)).rejects.toBeInstanceOf(PermissionDeniedError)
  })
})
