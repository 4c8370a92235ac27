import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pacedPrefix } from './null-request.ts'
import { NullServer } from './null-server.ts'

let server: NullServer
beforeAll(async () => {
  server = await NullServer.start()
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
})

const url = (path: string) => `http://127.0.0.1:${server.port}${path}`
const post = (path: string, body: object) => fetch(url(path), { method: 'POST', body: JSON.stringify(body) })

/** What a stream says, frame by frame. */
async function framesOf(path: string, body: object): Promise<unknown[]> {
  const reply = await post(path, { ...body, stream: true })
  expect(reply.headers.get('content-type')).toBe('text/event-stream')
  const frames = (await reply.text()).split('\n\n')
  expect(frames.splice(-2)).toEqual(['data: [DONE]', ''])
  return frames.map(frame => JSON.parse(frame.replace(/^data: /, '')))
}

test('whole answers are as long as asked', async () => {
  expect(await (await post('/v1/completions', { prompt: 'Once', max_tokens: 3 })).json()).toMatchObject({
    object: 'text_completion',
    choices: [{ index: 0, text: ' null null null', finish_reason: 'length' }],
    usage: { prompt_tokens: 0, completion_tokens: 3, total_tokens: 3 },
  })
  const chat = await post('/v1/chat/completions', { messages: [], max_completion_tokens: 1 })
  expect(await chat.json()).toMatchObject({
    object: 'chat.completion',
    choices: [{ message: { role: 'assistant', content: ' null' } }],
  })
})

describe.each([
  ['at once', ''],
  ['at a pace', pacedPrefix({ ttftMs: 2, itlMs: 0.5 })],
])('a stream %s', (_, pace) => {
  test.each([1, 2, 5])('of %i tokens has a frame for each, then its end', async tokens => {
    const frames = await framesOf(`${pace}/v1/completions`, { prompt: '', max_tokens: tokens })
    expect(frames).toHaveLength(tokens + 1)
    for (const frame of frames.slice(0, -1))
      expect(frame).toMatchObject({ choices: [{ text: ' null', finish_reason: null }] })
    expect(frames.at(-1)).toMatchObject({ choices: [{ text: '', finish_reason: 'length' }] })
  })

  test('of a chat tells its usage where that is asked for', async () => {
    const body = { messages: [], max_tokens: 2, stream_options: { include_usage: true } }
    const frames = await framesOf(`${pace}/v1/chat/completions`, body)
    expect(frames[0]).toMatchObject({ object: 'chat.completion.chunk', choices: [{ delta: { content: ' null' } }] })
    expect(frames.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 2 } })
  })
})

test('a prompt says nothing of how long its answer is', async () => {
  const prompt = 'Say "max_tokens":7 and "stream":true'
  const reply = await (await post('/v1/completions', { max_tokens: 2, prompt })).json()
  expect(reply).toMatchObject({ usage: { completion_tokens: 2 } })
})

test('no answer comes before its pace', async () => {
  const begun = performance.now()
  await (await post(`${pacedPrefix({ ttftMs: 10, itlMs: 5 })}/v1/completions`, { prompt: '', max_tokens: 3 })).text()
  expect(performance.now() - begun).toBeGreaterThanOrEqual(20)
})

test('it tells of its model, and of nothing else', async () => {
  expect(await (await fetch(url('/v1/models'))).json()).toMatchObject({ data: [{ id: 'null', owned_by: 'vllm' }] })
  expect((await fetch(url('/props'))).status).toBe(404)
  expect((await fetch(url('/v1/completions'))).status).toBe(404)
})

describe('a connection', () => {
  test('is kept, and reads requests however they are cut', async () => {
    const socket = connect(server.port, '127.0.0.1')
    const body = JSON.stringify({ prompt: 'é'.repeat(10), max_tokens: 2 })
    const request = `POST /v1/completions HTTP/1.1\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
    const bytes = Buffer.from(request)
    for (const cuts of [[], [10], [bytes.length - 3], [20, 60, bytes.length - 1]]) {
      const reply = replyOn(socket)
      let from = 0
      for (const cut of [...cuts, bytes.length]) {
        socket.write(bytes.subarray(from, cut))
        from = cut
        await new Promise(resolve => setImmediate(resolve))
      }
      expect(await reply).toContain('"completion_tokens":2')
    }
    socket.destroy()
  })

  test('that never ends its head is closed', async () => {
    const socket = connect(server.port, '127.0.0.1')
    const reply = replyOn(socket)
    socket.write('x'.repeat(70_000))
    expect(await reply).toMatch(/^HTTP\/1.1 400 /)
    socket.destroy()
  })

  test('that a client leaves ends its stream', async () => {
    const socket = connect(server.port, '127.0.0.1')
    const body = JSON.stringify({ prompt: '', max_tokens: 1000, stream: true })
    const head = `POST ${pacedPrefix({ ttftMs: 0, itlMs: 1 })}/v1/completions HTTP/1.1\r\nContent-Length: ${body.length}`
    const reply = replyOn(socket)
    socket.write(`${head}\r\n\r\n${body}`)
    expect(await reply).toContain(' null')
    socket.resetAndDestroy()
    expect((await fetch(url('/v1/models'))).status).toBe(200)
  })
})

/** The next that comes. */
function replyOn(socket: Socket): Promise<string> {
  return new Promise(resolve => socket.once('data', bytes => resolve(bytes.toString())))
}
