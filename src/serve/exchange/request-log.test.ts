import { describe, expect, test, vi } from 'vitest'
import { recordingLogger } from '../../../test/recording-logger.ts'
import { serveMock } from '../../../test/serve-mock.ts'
import { createLogger } from '../../telemetry/index.ts'

const SECRET = 'xyzzy'

/** The records of requests, as far as they are whole. */
function recordsOf(logger: ReturnType<typeof recordingLogger>) {
  return logger.entries.filter(({ message }) => message === 'answered' || message === 'cancelled')
}

describe('a request leaves one record at its end', () => {
  test('with what it took, and nothing of what was said', async () => {
    const logger = recordingLogger()
    await using mock = await serveMock({}, { logger })
    const response = await mock.post(
      `/v1/completions?${SECRET}`,
      { prompt: SECRET, max_tokens: 3, ignore_eos: true, user: SECRET },
      { headers: { 'X-Request-Id': 'req-7', 'X-Other': SECRET, 'User-Agent': SECRET } },
    )
    const { choices, usage } = (await response.json()) as {
      choices: { text: string }[]
      usage: { prompt_tokens: number }
    }
    await vi.waitFor(() => expect(recordsOf(logger)).toHaveLength(1))
    const [entry] = recordsOf(logger)
    expect(entry).toEqual({
      level: 'info',
      message: 'answered',
      fields: {
        id: 'req-7',
        method: 'POST',
        route: '/v1/completions',
        status: 200,
        error: undefined,
        tenant: 'everybody',
        prompt_tokens: usage.prompt_tokens,
        cached_tokens: 0,
        completion_tokens: 3,
        queued_ms: expect.any(Number),
        ttft_ms: expect.any(Number),
        finish: 'length',
        duration_ms: expect.any(Number),
        trace_id: undefined,
        remote: undefined,
      },
    })
    const text = JSON.stringify(logger.entries)
    expect(text).not.toContain(SECRET)
    expect(text).not.toContain(choices[0]!.text.trim())
    const { ttft_ms, duration_ms } = entry!.fields as { ttft_ms: number; duration_ms: number }
    expect(ttft_ms).toBeGreaterThan(0)
    expect(duration_ms).toBeGreaterThan(ttft_ms)
  })

  test('as cancelled, where the client left', async () => {
    const logger = recordingLogger()
    await using mock = await serveMock({ itlMs: 5 }, { logger })
    const leaving = new AbortController()
    const init = { signal: leaving.signal }
    const body = { prompt: 'a', stream: true, max_tokens: 1000, ignore_eos: true }
    await mock.post('/v1/completions', body, init)
    leaving.abort()
    await vi.waitFor(() => expect(recordsOf(logger)).toHaveLength(1))
    expect(recordsOf(logger)[0]).toMatchObject({ level: 'info', message: 'cancelled', fields: { status: 200 } })
    expect(recordsOf(logger)[0]!.fields.finish).toBeUndefined()

    const unanswered = new AbortController()
    const whole = mock.post('/v1/completions', { ...body, stream: false }, { signal: unanswered.signal })
    await vi.waitFor(() => expect(mock.engine.stats().running).toBe(1))
    unanswered.abort()
    await expect(whole).rejects.toThrow()
    await vi.waitFor(() => expect(recordsOf(logger)).toHaveLength(2))
    expect(recordsOf(logger)[1]).toMatchObject({ message: 'cancelled', fields: { status: 499 } })
  })

  test.each([
    ['GET', '/v1/models', 'info', '/v1/models', 200, undefined],
    ['GET', '/v1/models/other', 'info', '/v1/models/{id}', 404, 'model_not_found'],
    ['GET', `/${SECRET}`, 'info', undefined, 404, 'not_found'],
    ['POST', '/v1/embeddings', 'warn', '/v1/embeddings', 501, 'unsupported'],
    ['GET', '/ready', 'debug', '/health', 200, undefined],
    ['GET', '/live', 'debug', '/live', 200, undefined],
    ['GET', '/load', 'debug', '/load', 200, undefined],
    ['GET', '/metrics', 'debug', '/metrics', 200, undefined],
  ])('%s %s at level %s', async (method, path, level, route, status, error) => {
    const logger = recordingLogger()
    await using mock = await serveMock({}, { logger })
    await (await fetch(mock.server.url + path, { method })).text()
    await vi.waitFor(() => expect(recordsOf(logger)).toHaveLength(1))
    expect(recordsOf(logger)[0]).toMatchObject({ level, message: 'answered', fields: { method, status } })
    expect(recordsOf(logger)[0]!.fields).toMatchObject({ route, error })
  })
})

test.each([
  ['bulk', 'bulk'],
  ['default', undefined],
])('of a request of class %s it tells %s', async (asked, told) => {
  const logger = recordingLogger()
  await using mock = await serveMock({}, { logger })
  const headers = { 'X-Priority-Class': asked }
  await (await mock.post('/v1/completions', { prompt: 'a', max_tokens: 1 }, { headers })).text()
  await vi.waitFor(() => expect(recordsOf(logger)).toHaveLength(1))
  expect(recordsOf(logger)[0]!.fields.class).toBe(told)
})

test('a public route tells of no tenant', async () => {
  const logger = recordingLogger()
  await using mock = await serveMock({}, { logger })
  await fetch(`${mock.server.url}/health`)
  await vi.waitFor(() => expect(recordsOf(logger)).toHaveLength(1))
  expect(recordsOf(logger)[0]!.fields.tenant).toBeUndefined()
})

test.each([
  ['info', undefined],
  ['debug', 'remote=127.0.0.1'],
] as const)('at level %s, of the client’s address there is %s', async (level, remote) => {
  const lines: string[] = []
  const logger = createLogger({ level, format: 'text', write: line => lines.push(line) })
  await using mock = await serveMock({}, { logger })
  await fetch(`${mock.server.url}/v1/models`)
  const answered = () => lines.filter(line => line.includes(' answered '))
  await vi.waitFor(() => expect(answered()).toHaveLength(1))
  expect(/remote=\S+/.exec(answered()[0]!)?.[0]).toBe(remote)
})

test('a level that is off costs no record', async () => {
  const logger = { ...recordingLogger(), isLevelEnabled: () => false }
  await using mock = await serveMock({}, { logger })
  await (await mock.post('/v1/completions', { prompt: 'a', max_tokens: 1 })).text()
  await mock.server.close()
  expect(recordsOf(logger)).toEqual([])
})
