import { afterEach, describe, expect, test, vi } from 'vitest'
import type { RawConnection } from '../../test/raw-connection.ts'
import { done, saying, scriptedEngine, start, tokens } from '../../test/scripted-engine.ts'
import { type MockServer, serveMock } from '../../test/serve-mock.ts'

/** More than the kernel keeps for a connection, on both of its ends. */
const MUCH = 'x'.repeat(24 * 2 ** 20)

const open: RawConnection[] = []
afterEach(() => {
  for (const connection of open.splice(0)) connection[Symbol.dispose]()
})

/** Asks, and never reads. */
function ask(mock: Pick<MockServer, 'connect'>, body: object): RawConnection {
  const connection = mock.connect()
  open.push(connection)
  connection.socket.pause()
  return connection.write(request(body))
}

function request(body: object): string {
  const text = JSON.stringify(body)
  return `POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`
}

/** A second of it is more than the kernel keeps. */
const endless = {
  prompt: 'a',
  stream: true,
  ignore_eos: true,
  max_tokens: 1_000_000,
  logprobs: 20,
  n: 16,
}

describe('a client that takes nothing is cut off', () => {
  test('from a stream: the engine stops, and others do not notice', async () => {
    await using mock = await serveMock({ contextLength: 2 ** 20, itlMs: 0.1 }, { writeTimeoutMs: 300 })
    ask(mock, endless)
    await vi.waitFor(() => expect(mock.engine.stats().running).toBe(16))
    // Held up before it is cut off, so that it costs nothing while its time runs.
    await vi.waitFor(() => expect(mock.engine.stats().paused).toBe(16), { timeout: 20_000, interval: 5 })
    const other = await mock.post('/v1/completions', { prompt: 'b', max_tokens: 200, ignore_eos: true })
    expect(((await other.json()) as { usage: object }).usage).toMatchObject({ completion_tokens: 200 })
    await vi.waitFor(() => expect(mock.engine.stats()).toMatchObject({ running: 0, waiting: 0, paused: 0 }), {
      timeout: 10_000,
    })
    expect((await fetch(`${mock.server.url}/health`)).status).toBe(200)
  })

  test.each([
    ['a stream that has ended', true],
    ['a whole answer', false],
  ])('from %s', async (_, stream) => {
    const engine = scriptedEngine(saying(start, tokens(MUCH, [1]), done()))
    await using mock = await serveMock({}, { engine, writeTimeoutMs: 100 })
    const connection = ask(mock, { prompt: 'a', stream })
    // Who does not read hears of it only by writing; empty lines are nothing.
    const timer = setInterval(() => connection.write('\r\n'), 20)
    await connection.closed
    clearInterval(timer)
  })
})
