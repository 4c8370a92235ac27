import { setImmediate } from 'node:timers/promises'
import { describe, expect, test, vi } from 'vitest'
import { type Clock, systemClock } from '../clock/index.ts'
import { collect, type Engine, type EngineError, type GenerateRequest } from '../engine/index.ts'
import { openRemote, type RemoteOptions } from './index.ts'
import {
  type Answering,
  type Asked,
  type FakeReply,
  type FakeServer,
  fakeServer,
  json,
  sse,
  stream,
} from './testing/fake-server.ts'

vi.stubEnv('WARPLINE_API_KEY', undefined)
vi.stubEnv('OPENAI_API_KEY', undefined)

const request: GenerateRequest = { input: { text: 'Once' } }
const token = (text: string, finish: string | null = null) =>
  sse({ choices: [{ index: 0, text, finish_reason: finish }] })

/** A server that answers `/v1/completions` so, and a client of it. */
async function opened(
  reply: FakeReply,
  options: RemoteOptions = {},
): Promise<{ server: FakeServer; engine: Engine } & AsyncDisposable> {
  const server = await fakeServer({ '/v1/models': { data: [{ id: 'm' }] }, '/v1/completions': reply })
  const engine = await openRemote(server.url, { retries: 0, ...options })
  return {
    server,
    engine,
    async [Symbol.asyncDispose]() {
      await engine.close()
      await server[Symbol.asyncDispose]()
    },
  }
}

async function failureOf(engine: Engine): Promise<EngineError> {
  return collect(engine.generate(request)).then(
    () => Promise.reject(new Error('it was answered')),
    (error: EngineError) => error,
  )
}

const posts = (server: FakeServer): readonly Asked[] => server.asked.filter(({ method }) => method === 'POST')

describe('a reply that is no answer', () => {
  test.each<[string, FakeReply, object]>([
    [
      '400',
      json(400, { error: { message: 'bad temperature', param: 'temperature' } }),
      { code: 'invalid_request', message: 'bad temperature', param: 'temperature' },
    ],
    [
      '400, as vLLM once said it',
      json(400, { object: 'error', message: 'bad', type: 'BadRequestError', code: 400 }),
      { code: 'invalid_request', message: 'bad' },
    ],
    [
      '400 of FastAPI',
      json(422, { detail: [{ msg: 'field required' }] }),
      { code: 'invalid_request', message: '[{"msg":"field required"}]' },
    ],
    [
      '422 of TGI',
      json(422, { error: 'Input validation error', error_type: 'validation' }),
      { code: 'invalid_request', message: 'Input validation error' },
    ],
    [
      'the context, of llama.cpp',
      json(400, {
        error: {
          code: 400,
          message: 'the request exceeds the available context size',
          type: 'exceed_context_size_error',
          n_prompt_tokens: 700,
          n_ctx: 512,
        },
      }),
      { code: 'context_length_exceeded', promptTokens: 700, contextLength: 512, exact: true },
    ],
    [
      'the context, of vLLM',
      json(400, {
        error: {
          message:
            "This model's maximum context length is 4096 tokens. However, you requested 5016 tokens (5000 in the messages, 16 in the completion). Please reduce the length.",
          code: 400,
        },
      }),
      { code: 'context_length_exceeded', promptTokens: 5000, contextLength: 4096 },
    ],
    [
      'the context, of newer vLLM',
      json(400, {
        error: {
          message:
            "This model's maximum context length is 4096 tokens. However, you requested 16 output tokens and your prompt contains at least 4081 input tokens",
          code: 400,
        },
      }),
      { code: 'context_length_exceeded', promptTokens: 4081, contextLength: 4096, exact: false },
    ],
    [
      '401',
      json(401, { error: 'Unauthorized' }),
      { code: 'unauthorized', message: expect.stringContaining('(401: Unauthorized)') },
    ],
    [
      '404',
      json(404, { detail: 'Not Found' }),
      { code: 'invalid_request', message: expect.stringContaining('knows no such model or route (404): Not Found') },
    ],
    [
      'no such model, of OpenAI',
      json(404, { error: { message: 'You have no access to it.', type: 'x', code: 'model_not_found' } }),
      { code: 'model_not_found', message: expect.stringContaining('has no such model: You have no access to it.') },
    ],
    [
      'no such model, of vLLM',
      json(404, { object: 'error', message: 'The model `m` does not exist.', type: 'NotFoundError', code: 404 }),
      { code: 'model_not_found' },
    ],
    [
      'no such model, of Ollama',
      json(404, { error: { message: 'model "m" not found, try pulling it first' } }),
      { code: 'model_not_found' },
    ],
    ['408', json(408, {}), { code: 'deadline_exceeded' }],
    [
      '429',
      json(429, { error: { message: 'later' } }, { 'Retry-After': '3' }),
      { code: 'overloaded', message: 'later', retryAfterMs: 3000 },
    ],
    [
      '429 in ms',
      json(429, {}, { 'Retry-After': '3', 'Retry-After-Ms': '2500' }),
      { code: 'overloaded', retryAfterMs: 2500 },
    ],
    [
      '429 until a date',
      json(429, {}, { 'Retry-After': 'Wed, 21 Oct 2026 07:28:00 GMT' }),
      { code: 'overloaded', retryAfterMs: undefined },
    ],
    [
      '500',
      json(500, { error: { message: 'CUDA' } }),
      { code: 'internal', message: expect.stringContaining('failed (500): CUDA') },
    ],
    [
      '500 without words',
      response => response.writeHead(500).end(),
      { code: 'internal', message: expect.stringContaining('status 500 and no words') },
    ],
    ['501', json(501, { error: { message: 'no tools' } }), { code: 'unsupported', message: 'no tools' }],
    ['503', json(503, { error: { message: 'busy' } }), { code: 'overloaded', message: 'busy' }],
    [
      '503 of a warpline that ends',
      json(503, { error: { message: 'it drains', code: 'shutting_down' } }),
      { code: 'engine_closed' },
    ],
    ['504', json(504, { error: { message: 'too late' } }), { code: 'deadline_exceeded', message: 'too late' }],
    [
      'a redirect',
      json(302, {}, { Location: '/login' }),
      { code: 'unreachable', message: expect.stringContaining('sends on to /login') },
    ],
    [
      'an error in place of an answer',
      json(200, { error: { message: 'overdue', code: 429 } }),
      { code: 'overloaded', message: 'overdue' },
    ],
    [
      'no JSON',
      response => response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"choices":['),
      { code: 'internal', message: expect.stringContaining('no JSON: {"choices":[') },
    ],
    [
      'a page',
      response => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>\n'),
      { code: 'internal', message: expect.stringContaining('no JSON: <html>\\u000a') },
    ],
    [
      'JSON without an answer',
      json(200, { hello: 1 }),
      { code: 'internal', message: expect.stringContaining('holds no text: {"hello":1}') },
    ],
    [
      'no HTTP',
      response => void response.socket!.end('SSH-2.0-OpenSSH\r\n'),
      { code: 'unreachable', message: expect.stringContaining('what it answers is no HTTP (HTTPParserError)') },
    ],
    [
      'nothing but an end',
      response => void response.socket!.destroy(),
      {
        code: 'unreachable',
        message: expect.stringMatching(/broke the connection off \((ECONNRESET|UND_ERR_SOCKET)\)$/),
      },
    ],
  ])('%s', async (_, reply, expected) => {
    await using it = await opened(reply)
    expect(await failureOf(it.engine)).toMatchObject(expected)
    expect(posts(it.server)).toHaveLength(1)
    expect(it.engine.stats()).toMatchObject({ running: 0, requests: 1 })
  })
})

describe('a stream that goes wrong', () => {
  const begin = token('Hel')
  test.each<[string, FakeReply, object]>([
    [
      'ends too early',
      stream(begin),
      { code: 'unreachable', message: expect.stringContaining('ended its answer before it was whole') },
    ],
    ['ends at once', stream(), { code: 'unreachable' }],
    [
      'breaks off',
      response => void stream(begin)(Object.assign(response, { end: () => response.socket!.destroy() })),
      { code: 'unreachable' },
    ],
    [
      'ends within an event',
      stream(begin, 'data: {"choices":[{"in'),
      { code: 'internal', message: expect.stringContaining('an event that is no JSON: {"choices":[{"in') },
    ],
    [
      'breaks off within an event',
      response =>
        void stream(
          begin,
          'data: {"choices":[{"in',
        )(Object.assign(response, { end: () => response.socket!.destroy() })),
      { code: 'unreachable' },
    ],
    [
      'says JSON that was cut within a line',
      stream(begin, 'data: {"choices":[{"index":0,"te\n\n', token('lo', 'stop'), sse('[DONE]')),
      { code: 'internal', message: expect.stringContaining('an event that is no JSON') },
    ],
    [
      'says what is no JSON',
      stream(begin, sse('oops'), token('lo', 'stop')),
      { code: 'internal', message: expect.stringContaining('no JSON: oops') },
    ],
    [
      'says an error, as vLLM',
      stream(begin, sse({ error: { message: 'CUDA error', type: 'InternalServerError', code: 500 } }), sse('[DONE]')),
      { code: 'internal', message: expect.stringContaining('CUDA error') },
    ],
    [
      'says an error, as TGI',
      stream(begin, sse({ error: 'Request failed during generation', error_type: 'generation' })),
      { code: 'internal', message: expect.stringContaining('Request failed during generation') },
    ],
    [
      'says an error, as llama.cpp once',
      stream(begin, 'error: {"code":503,"message":"Loading model","type":"unavailable_error"}\n\n'),
      { code: 'overloaded', message: 'Loading model' },
    ],
    [
      'says an error, as an event',
      stream(begin, 'event: error\ndata: {"message":"gone","code":504}\n\n'),
      { code: 'deadline_exceeded', message: 'gone' },
    ],
  ])('%s', async (_, reply, expected) => {
    await using it = await opened(reply)
    expect(await failureOf(it.engine)).toMatchObject(expected)
    expect(posts(it.server)).toHaveLength(1)
    expect(it.engine.stats()).toMatchObject({ running: 0 })
  })

  test.each<[string, (string | Buffer)[]]>([
    ['without [DONE]', [token('Hel'), token('lo', 'stop')]],
    ['without a last empty line', [token('Hel'), token('lo', 'stop').trimEnd()]],
    ['without a finish reason', [token('Hel'), token('lo'), sse('[DONE]')]],
    ['with something behind its end', [token('Hel'), token('lo', 'stop'), sse('[DONE]'), token('more')]],
    ['with pings', [': ping\n\n', token('Hel'), ':\n\n', token('lo', 'stop'), sse('[DONE]')]],
    [
      'with choices that nobody asked for',
      [
        token('Hel'),
        sse({
          choices: [
            { index: 1, text: 'x' },
            { index: -1, text: 'x' },
          ],
        }),
        token('lo', 'stop'),
      ],
    ],
    [
      'with events of no interest',
      [token('Hel'), sse({}), sse({ choices: null }), sse({ choices: [null, 7] }), token('lo', 'stop')],
    ],
  ])('one %s is whole', async (_, parts) => {
    await using it = await opened(stream(...parts))
    const { choices, done } = await collect(it.engine.generate(request))
    expect(choices[0]!.text).toBe('Hello')
    expect(done.choices).toEqual([{ finishReason: 'stop', completionTokens: 2 }])
  })

  test('one that is answered whole all the same is taken whole', async () => {
    const usage = { prompt_tokens: 4, completion_tokens: 3 }
    await using it = await opened(json(200, { choices: [{ index: 0, text: 'Hello', finish_reason: 'length' }], usage }))
    const { choices, done } = await collect(it.engine.generate(request))
    expect(choices).toEqual([{ text: 'Hello', ids: [-1, -1, -1] }])
    expect(done.choices).toEqual([{ finishReason: 'length', completionTokens: 3 }])
  })
})

describe('silence', () => {
  test.each<[string, FakeReply, RegExp]>([
    ['before the answer', () => undefined, /took the request and stayed silent \(UND_ERR_HEADERS_TIMEOUT\)$/],
    [
      'within the answer',
      response => void response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(token('Hel')),
      /fell silent within its answer \(UND_ERR_BODY_TIMEOUT\)$/,
    ],
  ])('%s is an error', async (_, reply, message) => {
    await using it = await opened(reply, { idleTimeoutMs: 50 })
    expect(await failureOf(it.engine)).toMatchObject({ code: 'unreachable', message: expect.stringMatching(message) })
    await posts(it.server)[0]!.left
  })
})

describe('asks again', () => {
  /** Time passes as soon as somebody waits for it. */
  function hurriedClock(): Clock & { readonly waits: number[] } {
    const waits: number[] = []
    return {
      waits,
      now: () => systemClock.now(),
      at(time, run) {
        waits.push(time - systemClock.now())
        return systemClock.at(systemClock.now(), run)
      },
    }
  }
  const answer = stream(token('Hello', 'stop'))
  /** The first so many times another reply. */
  const first = (times: number, reply: Answering): FakeReply => {
    let asked = 0
    return (response, it) => (asked++ < times ? reply(response, it) : void answer(response))
  }
  const reset: Answering = response => response.socket!.destroy()
  const loading = json(503, { error: { message: 'Loading model', type: 'unavailable_error' } }, { 'Retry-After': '7' })

  test.each<[string, FakeReply, number]>([
    ['a connection that was broken off before the answer', first(2, reset), 3],
    ['a server that loads', first(1, loading), 2],
  ])('%s', async (_, reply, times) => {
    const clock = hurriedClock()
    await using it = await opened(reply, { retries: 2, clock })
    expect((await collect(it.engine.generate(request))).choices[0]!.text).toBe('Hello')
    expect(posts(it.server)).toHaveLength(times)
    expect(new Set(posts(it.server).map(({ body }) => body)).size).toBe(1)
    expect(clock.waits).toHaveLength(times - 1)
    expect(it.engine.stats()).toMatchObject({ requests: 1, running: 0 })
  })

  test('so many times and no more', async () => {
    await using it = await opened(reset, { retries: 2, clock: hurriedClock() })
    expect(await failureOf(it.engine)).toMatchObject({ code: 'unreachable' })
    expect(posts(it.server)).toHaveLength(3)
  })

  test('never once the answer has begun, nor where the server is busy', async () => {
    for (const reply of [
      stream(token('Hel')),
      json(503, { error: { message: 'overloaded' } }),
      json(429, {}),
      json(500, {}),
    ]) {
      await using it = await opened(reply, { retries: 2, clock: hurriedClock() })
      await failureOf(it.engine)
      expect(posts(it.server)).toHaveLength(1)
    }
  })

  test('not when it was given up meanwhile', async () => {
    const controller = new AbortController()
    const cancel = vi.fn()
    const at = vi.fn(() => cancel)
    await using it = await opened(reset, { retries: 2, clock: { now: () => 0, at } })
    const answer = collect(it.engine.generate(request, { signal: controller.signal }))
    await vi.waitFor(() => expect(at).toHaveBeenCalled())
    controller.abort()
    await expect(answer).rejects.toMatchObject({ code: 'aborted' })
    expect(cancel).toHaveBeenCalledOnce()
    expect(it.engine.stats().running).toBe(0)
  })
})

describe('the server sees at once that nobody waits any more', () => {
  const endless: FakeReply = response => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(token('Hel'))
  }
  test.each<[string, FakeReply]>([
    ['before the answer', () => undefined],
    ['within it', endless],
  ])('an abort %s', async (_, reply) => {
    await using it = await opened(reply)
    const controller = new AbortController()
    const answer = collect(it.engine.generate(request, { signal: controller.signal }))
    answer.catch(() => undefined)
    await vi.waitFor(() => expect(posts(it.server)).toHaveLength(1))
    controller.abort()
    await expect(answer).rejects.toMatchObject({ code: 'aborted' })
    await posts(it.server)[0]!.left
  })

  test('a reader that leaves', async () => {
    await using it = await opened(endless)
    for await (const event of it.engine.generate(request)) if (event.type === 'tokens') break
    await posts(it.server)[0]!.left
    expect(it.engine.stats().running).toBe(0)
  })

  test('a close of the engine', async () => {
    await using it = await opened(endless)
    const answer = failureOf(it.engine)
    await vi.waitFor(() => expect(posts(it.server)).toHaveLength(1))
    await it.engine.close()
    expect(await answer).toMatchObject({ code: 'engine_closed' })
    await posts(it.server)[0]!.left
    expect(await failureOf(it.engine)).toMatchObject({ code: 'engine_closed' })
    await expect(it.engine.tokenize({ text: 'a' })).rejects.toMatchObject({ code: 'engine_closed' })
  })
})

test('a connection is used again', async () => {
  await using it = await opened(stream(token('Hello', 'stop'), sse('[DONE]')), { connections: 1 })
  for (let i = 0; i < 5; i++) {
    await collect(it.engine.generate(request))
    // The end of the answer is read behind its last event.
    await setImmediate()
  }
  expect(it.server.connections).toBe(1)
})

test('a server that is gone is unhealthy until it is back', async () => {
  const replies = {
    '/v1/models': { data: [{ id: 'm' }] },
    '/health': {},
    '/v1/completions': stream(token('Hello', 'stop')),
  }
  const first = await fakeServer(replies)
  await using engine = await openRemote(first.url, { retries: 0 })
  expect(engine.health()).toEqual({ status: 'ready' })
  await first[Symbol.asyncDispose]()
  const error = await failureOf(engine)
  expect(engine.health()).toEqual({ status: 'failed', reason: error.message })
  await using _second = await fakeServer(replies, Number(new URL(first.url).port))
  await vi.waitFor(() => expect(engine.health()).toEqual({ status: 'ready' }), { timeout: 20_000 })
  expect((await collect(engine.generate(request))).choices[0]!.text).toBe('Hello')
  await engine.close()
  expect(engine.health().status).toBe('closed')
})

test('the key is in no error, whatever the server says', async () => {
  const key = 'sk-0123456789'
  const echo: FakeReply = (response, { headers }) =>
    json(400, { error: { message: `bad: ${headers.authorization}` } })(response)
  await using it = await opened(echo, { apiKey: key })
  const error = await failureOf(it.engine)
  expect(error.message).toBe('bad: Bearer ***')
  const { inspect } = await import('node:util')
  expect(inspect(it.engine, { depth: 9, showHidden: true })).not.toContain(key)
})

test('words from elsewhere are one line of bounded length', async () => {
  await using it = await opened(json(400, { error: { message: `\u001b[2J\n${'x'.repeat(5000)}` } }))
  const { message } = await failureOf(it.engine)
  expect(message).toMatch(/^\\u001b\[2J\\u000ax+…$/)
  expect(message.length).toBeLessThan(600)
})
