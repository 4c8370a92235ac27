import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import { recordingLogger } from '../../test/recording-logger.ts'
import { scriptedEngine, start, tokens } from '../../test/scripted-engine.ts'
import { serveMock } from '../../test/serve-mock.ts'
import { AbortedError, type Engine, type Event, ModelLoadError } from '../engine/index.ts'
import { createMockEngine } from '../mock/index.ts'
import { InsecureBindError, ListenError, serve } from './index.ts'

const chat = JSON.stringify({ messages: [{ role: 'user', content: 'Hi' }], max_tokens: 2 })
const post = (url: string, path: string, body: string) =>
  fetch(url + path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void
  const promise = new Promise<T>(settle => {
    resolve = settle
  })
  return { promise, resolve }
}

/** An engine that says its start and one token, and then nothing until it is aborted or let go. */
function holdingEngine(): { engine: Engine; holding: () => number; aborted: () => number; letGo: () => void } {
  let holding = 0
  let aborted = 0
  const released = deferred<'go'>()
  const engine = scriptedEngine(async function* (_, { signal }): AsyncGenerator<Event> {
    yield start
    yield tokens('a', [1])
    holding++
    const reason = signal!.aborted ? 'abort' : await Promise.race([released.promise, once(signal!, 'abort')])
    if (reason !== 'go') {
      aborted++
      throw new AbortedError()
    }
    yield {
      type: 'done',
      choices: [{ finishReason: 'stop', completionTokens: 1 }],
      usage: { promptTokens: 5, cachedTokens: 0, completionTokens: 1 },
      timings: { queuedMs: 0, prefillMs: 0, decodeMs: 0 },
    }
  })
  return { engine, holding: () => holding, aborted: () => aborted, letGo: () => released.resolve('go') }
}

describe('while the engine loads', () => {
  test('all but the list of models says so, and then serves', async () => {
    const loading = deferred<Engine>()
    const server = await serve({ engine: loading.promise, port: 0 })
    for (const response of [
      await fetch(`${server.url}/health`),
      await post(server.url, '/v1/chat/completions', chat),
      await post(server.url, '/v1/chat/completions', 'no JSON'),
    ]) {
      expect(response.status).toBe(503)
      expect(await response.json()).toEqual({
        error: { message: 'Loading model', type: 'unavailable_error', param: null, code: 'loading' },
      })
    }
    expect(await (await fetch(`${server.url}/v1/models`)).json()).toEqual({ object: 'list', data: [] })

    loading.resolve(createMockEngine({ ttftMs: 1, itlMs: 1 }))
    await server.ready()
    const health = await fetch(`${server.url}/health`)
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }])
    expect((await post(server.url, '/v1/chat/completions', chat)).status).toBe(200)
    await server.close()
  })

  test('a name that was given is listed at once, and answers bear it', async () => {
    const loading = deferred<Engine>()
    const server = await serve({ engine: loading.promise, port: 0, model: 'org/ember' })
    const models = await (await fetch(`${server.url}/v1/models`)).json()
    expect(models).toMatchObject({ data: [{ id: 'org/ember' }] })
    expect((await fetch(`${server.url}/v1/models/org/ember`)).status).toBe(200)
    expect((await fetch(`${server.url}/v1/models/org%2Fember`)).status).toBe(200)
    loading.resolve(createMockEngine())
    await server.ready()
    expect(await (await post(server.url, '/v1/chat/completions', chat)).json()).toMatchObject({ model: 'org/ember' })
    await server.close()
  })

  test('where loading fails, ready() says why, and clients do not hear of files', async () => {
    const logger = recordingLogger()
    const engine = Promise.reject(new ModelLoadError('/secret/model.gguf is cut short'))
    const server = await serve({ engine, port: 0, logger })
    await expect(server.ready()).rejects.toThrow('/secret/model.gguf is cut short')
    const response = await fetch(`${server.url}/health`)
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({
      error: { message: 'the model could not be loaded', code: 'model_load_failed' },
    })
    expect(logger.messages()).toContain('loading failed: /secret/model.gguf is cut short')
    await server.close()
  })
})

test('an engine that was closed is unhealthy, and its requests are 503', async () => {
  await using mock = await serveMock()
  await mock.engine.close()
  const health = await fetch(`${mock.server.url}/health`)
  expect(health.status).toBe(503)
  expect(await health.json()).toMatchObject({ error: { message: 'the engine was closed', code: 'unhealthy' } })
  expect((await post(mock.server.url, '/generate', '{"prompt":"a"}')).status).toBe(503)
})

test('/generate gives the text and how many tokens it took', async () => {
  await using mock = await serveMock()
  const response = await mock.post('/generate', { prompt: 'The document', max_tokens: 3, temperature: 0 })
  expect(await response.json()).toEqual({
    text: expect.stringMatching(/^( \w+){3}$/),
    tokens: 3,
    finish_reason: 'length',
  })
})

describe('close', () => {
  test('lets running streams end, refuses new requests and connections, then is done', async () => {
    const { engine, letGo } = holdingEngine()
    const server = await serve({ engine, port: 0 })
    const running = await post(server.url, '/v1/completions', '{"prompt":"a","stream":true}')

    // A connection that is open before, and in use, so that it is not closed as idle.
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    let late = ''
    socket.setEncoding('utf8').on('data', chunk => {
      late += chunk
    })
    socket.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET /health HTTP/1.1\r\nHost: local')
    await vi.waitFor(() => expect(late).toContain('200 OK'))

    const closing = server.close()
    expect(server.close()).toBe(closing)
    socket.write('host\r\n\r\n')
    await once(socket, 'close')
    expect(late).toContain('HTTP/1.1 503 Service Unavailable')
    expect(late).toContain('Connection: close')
    expect(late).toContain('"code":"shutting_down"')
    await expect(fetch(`${server.url}/health`)).rejects.toThrow()

    letGo()
    expect(await running.text()).toMatch(/"finish_reason":"stop".*\n\ndata: \[DONE\]\n\n$/)
    await closing
  })

  test('cuts off what does not end in time, in words', async () => {
    const { engine, holding, aborted } = holdingEngine()
    const logger = recordingLogger()
    const server = await serve({ engine, port: 0, drainTimeoutMs: 20, logger })
    const streamed = await post(server.url, '/v1/completions', '{"prompt":"a","stream":true}')
    const whole = post(server.url, '/v1/completions', '{"prompt":"a"}')
    await vi.waitFor(() => expect(holding()).toBe(2))
    await server.close()
    const error = {
      message: 'the server is shutting down and did not wait for this request to end',
      type: 'unavailable_error',
      param: null,
      code: 'shutting_down',
    }
    expect(await streamed.text()).toContain(`data: ${JSON.stringify({ error })}\n\ndata: [DONE]\n\n`)
    expect((await whole).status).toBe(503)
    expect(await (await whole).json()).toEqual({ error })
    expect(aborted()).toBe(2)
    expect(logger.messages()).toContain('2 requests did not end within 20 ms and are cut off')
  })

  test('does not close the engine, which is its opener’s', async () => {
    const mock = await serveMock()
    await mock.server.close()
    expect(mock.engine.health().status).toBe('ready')
    await mock.engine.close()
  })
})

describe('where it listens', () => {
  test.each(['0.0.0.0', '::', '192.168.1.2', 'example.com'])('not on %s, unless that is meant', async host => {
    const error = await serve({ engine: createMockEngine(), host, port: 0 }).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(InsecureBindError)
    expect((error as Error).message).toBe(
      `refusing to listen on ${host}, where anyone can reach the server: use 127.0.0.1, ask for keys, or say insecure if that is meant`,
    )
  })

  test('on all addresses when told so, by any name', async () => {
    await using mock = await serveMock({}, { host: '0.0.0.0', insecure: true })
    const reply = await mock.raw('GET /health HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n')
    expect(reply).toContain('200 OK')
  })

  test('a port that is taken', async () => {
    await using mock = await serveMock()
    const port = Number(new URL(mock.server.url).port)
    const error = await serve({ engine: mock.engine, port }).catch((e: unknown) => e)
    expect(error).toBeInstanceOf(ListenError)
    expect((error as Error).message).toBe(
      `cannot listen on 127.0.0.1: port ${port} is taken: choose another, or 0 for any`,
    )
  })
})
