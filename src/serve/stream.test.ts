import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { done, saying, scriptedEngine, start, tokens } from '../../test/scripted-engine.ts'
import {
  type ChosenLogprob,
  type Engine,
  type Event,
  type Input,
  InternalError,
  InvalidRequestError,
} from '../engine/index.ts'
import { type Server, serve } from './index.ts'

let server: Server
afterEach(() => server.close())

async function post(engine: Engine, path: string, body: object): Promise<Response> {
  server = await serve({ engine, port: 0 })
  return fetch(server.url + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ stream: true, ...body }),
  })
}

/** The stream with what differs each time made the same. */
async function frames(response: Response): Promise<string> {
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  const text = await response.text()
  expect(new Set(text.match(/"id":"[^"]*"/g)).size).toBe(1)
  return text.replace(/"id":"(chatcmpl|cmpl)-[0-9a-f]{32}"/g, '"id":"$1-0"').replace(/"created":\d{10}/g, '"created":0')
}

const chat = { messages: [{ role: 'user', content: 'Hi' }] }
const logprob: ChosenLogprob = {
  id: 7,
  token: ' a',
  bytes: [32, 97],
  logprob: -0.5,
  top: [
    { id: 7, token: ' a', bytes: [32, 97], logprob: -0.5 },
    { id: 8, token: '�', bytes: [226], logprob: Number.NEGATIVE_INFINITY },
  ],
}

describe('a stream, byte by byte', () => {
  test('chat: the role in the first delta, the finish reason in the last, then [DONE]', async () => {
    const engine = scriptedEngine(saying(start, tokens('He', [1]), tokens('llo "\n', [2, 3]), tokens('', [4]), done()))
    expect(await frames(await post(engine, '/v1/chat/completions', chat))).toMatchInlineSnapshot(`
      "data: {"id":"chatcmpl-0","object":"chat.completion.chunk","created":0,"model":"scripted","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}]}

      data: {"id":"chatcmpl-0","object":"chat.completion.chunk","created":0,"model":"scripted","choices":[{"index":0,"delta":{"content":"He"},"logprobs":null,"finish_reason":null}]}

      data: {"id":"chatcmpl-0","object":"chat.completion.chunk","created":0,"model":"scripted","choices":[{"index":0,"delta":{"content":"llo \\"\\n"},"logprobs":null,"finish_reason":null}]}

      data: {"id":"chatcmpl-0","object":"chat.completion.chunk","created":0,"model":"scripted","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]}

      data: [DONE]

      "
    `)
  })

  test('chat: n answers, log-probabilities and usage', async () => {
    const told: Event = { type: 'tokens', choice: 1, ids: [7], text: ' a', logprobs: [logprob] }
    const engine = scriptedEngine(saying(start, told, done(2)))
    const body = { ...chat, n: 2, logprobs: true, top_logprobs: 2, stream_options: { include_usage: true } }
    expect(await frames(await post(engine, '/v1/chat/completions', body))).toMatchInlineSnapshot(`
      "data: {"id":"chatcmpl-0","object":"chat.completion.chunk","created":0,"model":"scripted","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"usage":null}

      data: {"id":"chatcmpl-0","object":"chat.completion.chunk","created":0,"model":"scripted","choices":[{"index":1,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"usage":null}

      data: {"id":"chatcmpl-0","object":"chat.completion.chunk","created":0,"model":"scripted","choices":[{"index":1,"delta":{"content":" a"},"logprobs":{"content":[{"token":" a","logprob":-0.5,"bytes":[32,97],"top_logprobs":[{"token":" a","logprob":-0.5,"bytes":[32,97]},{"token":"�","logprob":-9999,"bytes":[226]}]}],"refusal":null},"finish_reason":null}],"usage":null}

      data: {"id":"chatcmpl-0","object":"chat.completion.chunk","created":0,"model":"scripted","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null}

      data: {"id":"chatcmpl-0","object":"chat.completion.chunk","created":0,"model":"scripted","choices":[{"index":1,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null}

      data: {"id":"chatcmpl-0","object":"chat.completion.chunk","created":0,"model":"scripted","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":6,"total_tokens":11,"prompt_tokens_details":{"cached_tokens":2}}}

      data: [DONE]

      "
    `)
  })

  test('completions: offsets go on from event to event', async () => {
    const told: Event = { type: 'tokens', choice: 0, ids: [7], text: ' a', logprobs: [logprob] }
    const engine = scriptedEngine(saying(start, told, told, done()))
    expect(await frames(await post(engine, '/v1/completions', { prompt: 'Hi', logprobs: 2 }))).toMatchInlineSnapshot(`
      "data: {"id":"cmpl-0","object":"text_completion","created":0,"model":"scripted","choices":[{"index":0,"text":" a","logprobs":{"tokens":[" a"],"token_logprobs":[-0.5],"top_logprobs":[{" a":-0.5,"�":-9999}],"text_offset":[0]},"finish_reason":null}]}

      data: {"id":"cmpl-0","object":"text_completion","created":0,"model":"scripted","choices":[{"index":0,"text":" a","logprobs":{"tokens":[" a"],"token_logprobs":[-0.5],"top_logprobs":[{" a":-0.5,"�":-9999}],"text_offset":[2]},"finish_reason":null}]}

      data: {"id":"cmpl-0","object":"text_completion","created":0,"model":"scripted","choices":[{"index":0,"text":"","logprobs":null,"finish_reason":"stop"}]}

      data: [DONE]

      "
    `)
  })

  test('completions: several prompts, counted through, with one usage', async () => {
    const engine = scriptedEngine(({ input }) => saying(start, tokens(textOf(input), [1]), done())())
    const body = { prompt: ['a', 'b'], stream_options: { include_usage: true } }
    const text = await frames(await post(engine, '/v1/completions', body))
    const chunks = text.match(/\{.*\}/g)!.map(json => JSON.parse(json))
    const of = (index: number) => chunks.flatMap(({ choices }) => choices).filter(choice => choice.index === index)
    expect(of(0).map(choice => choice.text)).toEqual(['a', ''])
    expect(of(1).map(choice => choice.text)).toEqual(['b', ''])
    expect(chunks.at(-1).usage).toMatchObject({ prompt_tokens: 10, completion_tokens: 6, total_tokens: 16 })
  })

  test('an error in the middle is a frame, and [DONE] still comes', async () => {
    const engine = scriptedEngine(saying(start, tokens('He', [1]), new InternalError('/secret/path')))
    expect(await frames(await post(engine, '/v1/completions', { prompt: 'Hi' }))).toMatchInlineSnapshot(`
      "data: {"id":"cmpl-0","object":"text_completion","created":0,"model":"scripted","choices":[{"index":0,"text":"He","logprobs":null,"finish_reason":null}]}

      data: {"error":{"message":"internal error","type":"server_error","param":null,"code":"internal"}}

      data: [DONE]

      "
    `)
  })
})

test('what fails before the first event has a status, not a stream', async () => {
  const engine = scriptedEngine(saying(new InvalidRequestError('sampling.topK must be odd', 'sampling.topK')))
  const response = await post(engine, '/v1/chat/completions', chat)
  expect(response.status).toBe(400)
  expect(await response.json()).toEqual({
    error: {
      message: 'top_k must be odd',
      type: 'invalid_request_error',
      param: 'top_k',
      code: 'invalid_request',
    },
  })
})

test('one failing prompt ends the others', async () => {
  const ended: string[] = []
  const engine = scriptedEngine(async function* ({ input }, { signal }) {
    if (textOf(input) === 'b') throw new InvalidRequestError('input.tokens is bad', 'input.tokens')
    await once(signal!, 'abort')
    ended.push(textOf(input))
    yield* []
  })
  const response = await post(engine, '/v1/completions', { prompt: ['a', 'b'], stream: false })
  expect(await response.json()).toMatchObject({ error: { param: 'prompt[1]', message: 'prompt[1] is bad' } })
  expect(ended).toEqual(['a'])
})

test('what one turn of the event loop brings is one write', async () => {
  const engine = scriptedEngine(async function* () {
    yield* [start, tokens('a', [1], 0), tokens('b', [2], 1)]
    await new Promise(resolve => setTimeout(resolve, 5))
    yield* [tokens('c', [3], 0), tokens('d', [4], 1)]
    await new Promise(resolve => setTimeout(resolve, 5))
    yield done(2)
  })
  server = await serve({ engine, port: 0 })
  const body = JSON.stringify({ prompt: 'x', stream: true, n: 2 })
  const reply = await raw(
    `POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
  // The chunks of the transfer coding are the writes: a and b, c and d, and all that comes at the end.
  const sizes = reply.split('\r\n\r\n')[1]!.match(/^[0-9a-f]+\r$/gm)
  expect(sizes).toHaveLength(3)
})

test('a client that does not read stops the engine, and gets all when it reads again', async () => {
  let made = 0
  const engine = scriptedEngine(async function* () {
    yield start
    for (; made < 400; made++) yield tokens('x'.repeat(100_000), [1])
    yield done()
  })
  server = await serve({ engine, port: 0 })
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  const body = JSON.stringify({ prompt: 'x', stream: true })
  socket.write(
    `POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
  socket.pause()
  let before = -1
  await vi.waitFor(
    () => {
      const moved = made !== before
      before = made
      expect(moved || made === 0).toBe(false)
    },
    { interval: 50, timeout: 10_000 },
  )
  expect(made).toBeLessThan(300)
  let bytes = 0
  socket.on('data', chunk => {
    bytes += chunk.length
  })
  socket.resume()
  await once(socket, 'close')
  expect(made).toBe(400)
  expect(bytes).toBeGreaterThan(40_000_000)
})

/** What the scripted engine's tokens stand for, for letters whose codes are below 100: up to c. */
function textOf(input: Input): string {
  return 'tokens' in input ? String.fromCharCode(...input.tokens) : ''
}

async function raw(request: string): Promise<string> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  let reply = ''
  socket.setEncoding('utf8').on('data', chunk => {
    reply += chunk
  })
  socket.write(request)
  await once(socket, 'close')
  return reply
}
