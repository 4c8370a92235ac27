import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type MockServer, serveMock } from '../../test/serve-mock.ts'
import { SERVE_DEFAULTS } from './settings.ts'

let mock: MockServer
beforeAll(async () => {
  mock = await serveMock()
})
afterAll(() => mock[Symbol.asyncDispose]())

const HEAD = 'Host: localhost\r\nConnection: close\r\n'
const JSON_HEAD = `${HEAD}Content-Type: application/json\r\n`
const BODY = '{"prompt":"a","max_tokens":1}'
const status = (reply: string) => reply.slice(0, reply.indexOf('\r\n'))

const GET = `GET /health HTTP/1.1\r\n${HEAD}`
const POST = `POST /generate HTTP/1.1\r\n${JSON_HEAD}`
const CHUNKED = `${POST}Transfer-Encoding: chunked\r\n\r\n`

/** What a refusal says, checked to be one whole answer after which the connection is closed. */
function refusalIn(reply: string): { status: number; code: string } {
  const [head = '', body = ''] = reply.split('\r\n\r\n')
  expect(head).toMatch(/\r\nContent-Type: application\/json(\r\n|$)/)
  expect(head).toMatch(/\r\nConnection: close(\r\n|$)/)
  expect(head).toMatch(/\r\nX-Request-Id: req-/)
  expect(head).toContain(`\r\nContent-Length: ${Buffer.byteLength(body)}`)
  return { status: Number(head.split(' ')[1]), code: JSON.parse(body).error.code }
}

describe('what is no request, or could be read in two ways', () => {
  test.each([
    ['both lengths', `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['both lengths, the other way round', `${POST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`],
    ['two lengths', `${POST}Content-Length: 5\r\nContent-Length: 6\r\n\r\n`],
    ['a list of lengths', `${POST}Content-Length: 5,5\r\n\r\nabcde`],
    ['a signed length', `${POST}Content-Length: +5\r\n\r\nabcde`],
    ['a negative length', `${POST}Content-Length: -5\r\n\r\n`],
    ['a hexadecimal length', `${POST}Content-Length: 0x5\r\n\r\nabcde`],
    ['a length beyond all numbers', `${POST}Content-Length: 99999999999999999999999\r\n\r\n`],
    ['an odd transfer coding', `${POST}Transfer-Encoding: xchunked\r\n\r\n`],
    ['chunked, and then another coding', `${POST}Transfer-Encoding: chunked, identity\r\n\r\n`],
    ['a chunk of no size', `${CHUNKED}zz\r\n`],
    ['a chunk of a signed size', `${CHUNKED}-1\r\n`],
    ['a chunk of a size beyond all numbers', `${CHUNKED}fffffffffffffffffff\r\n`],
    ['a chunk that is longer than its size', `${CHUNKED}1\r\nab\r\n0\r\n\r\n`],
    ['a space before the colon', `GET /health HTTP/1.1\r\nHost : localhost\r\n\r\n`],
    ['a folded header', `${GET}X: a\r\n b\r\n\r\n`],
    ['a header without a name', `${GET}: a\r\n\r\n`],
    ['a NUL in a header', `${GET}X: a\0b\r\n\r\n`],
    ['a bare CR', `${GET}X: a\rb\r\n\r\n`],
    ['bare LFs', 'GET /health HTTP/1.1\nHost: localhost\n\n'],
    ['no Host', 'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['two Hosts', `${GET}Host: localhost\r\n\r\n`],
    ['two Hosts in other letters', `${GET}HOST: localhost\r\n\r\n`],
    ['no version', 'GET /health\r\n\r\n'],
    ['another version', 'GET /health HTTP/3.0\r\nHost: localhost\r\n\r\n'],
    ['an unknown method', `BREW /health HTTP/1.1\r\n${HEAD}\r\n`],
    ['TLS', '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['dot segments', `GET /v1/../health HTTP/1.1\r\n${HEAD}\r\n`],
    ['encoded dot segments', `GET /v1/%2E%2e/health HTTP/1.1\r\n${HEAD}\r\n`],
    ['half encoded dot segments', `GET /v1/.%2e/health HTTP/1.1\r\n${HEAD}\r\n`],
    ['a dot segment at the end', `GET /health/. HTTP/1.1\r\n${HEAD}\r\n`],
    ['a NUL', `GET /health%00 HTTP/1.1\r\n${HEAD}\r\n`],
    ['a backslash', `GET /v1\\..\\health HTTP/1.1\r\n${HEAD}\r\n`],
    ['an encoded backslash', `GET /v1%5c..%5Chealth HTTP/1.1\r\n${HEAD}\r\n`],
    ['a fragment', `GET /health#x HTTP/1.1\r\n${HEAD}\r\n`],
    ['an asterisk', `OPTIONS * HTTP/1.1\r\n${HEAD}\r\n`],
    ['a host with a user', `GET http://a@localhost/health HTTP/1.1\r\n${HEAD}\r\n`],
  ])('%s: 400', async (_, request) => {
    expect(refusalIn(await mock.raw(request))).toEqual({ status: 400, code: 'malformed_request' })
  })

  test.each([
    ['headers of more than 16 KiB', `${GET}X: ${'x'.repeat(2 ** 14)}\r\n\r\n`, 431, 'headers_too_large'],
    ['headers without end', `${GET}${'X: x\r\n'.repeat(2 ** 16)}`, 431, 'headers_too_large'],
    ['a target without end', `GET /${'x'.repeat(2 ** 20)}`, 431, 'headers_too_large'],
    ['a chunk with much beside it', `${CHUNKED}1;${'x'.repeat(2 ** 16)}\r\na\r\n`, 413, 'body_too_large'],
    ['another expectation', `${POST}Expect: 200-ok\r\nContent-Length: 2\r\n\r\n`, 417, 'expectation_failed'],
    ['a tunnel', 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n', 405, 'method_not_allowed'],
  ])('%s: %i %s', async (_, request, status, code) => {
    expect(refusalIn(await mock.raw(request))).toEqual({ status, code })
  })

  test('a second request that is none ends the connection, and nothing is put into the first one’s answer', async () => {
    const first = `POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`
    const body = '{"prompt":"a","max_tokens":500}'
    expect(await mock.raw(`${first}Content-Length: ${body.length}\r\n\r\n${body}garbage\r\n\r\n`)).toBe('')
    await vi.waitFor(() => expect(mock.engine.stats().running).toBe(0))
  })
})

test('an upgrade is not made: the request is answered as it is', async () => {
  const upgrade = `Upgrade: websocket\r\nHost: localhost\r\n`
  for (const [path, expected] of [
    ['/health', 200],
    ['/nowhere', 404],
  ] as const) {
    using connection = mock.connect().write(`GET ${path} HTTP/1.1\r\nConnection: Upgrade\r\n${upgrade}\r\n`)
    await connection.seen('\r\n\r\n{')
    expect(status(connection.text)).toContain(String(expected))
  }
})

describe('hosts', () => {
  test.each([
    ['localhost', 200],
    ['LOCALHOST:80', 200],
    ['127.0.0.1:8090', 200],
    ['127.1.2.3', 200],
    ['[::1]:8090', 200],
    ['example.com', 403],
    ['localhost.example.com', 403],
    ['127.0.0.1.example.com', 403],
    ['10.0.0.1', 403],
    ['', 403],
  ])('%j: %i', async (host, expected) => {
    const reply = await mock.raw(`GET /health HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    expect(status(reply)).toContain(String(expected))
    if (expected === 403) expect(reply).toContain('"code":"forbidden_host"')
  })

  test.each([
    ['http://localhost/health', 200],
    ['http://127.0.0.1:1/health?x', 200],
    ['http://example.com/health', 403],
    ['http://localhost/v1/../health', 400],
    ['http://', 403],
  ])('the target %s: %i', async (target, expected) => {
    expect(status(await mock.raw(`GET ${target} HTTP/1.1\r\n${HEAD}\r\n`))).toContain(String(expected))
  })

  test('HTTP/1.0 needs none', async () => {
    expect(status(await mock.raw('GET /health HTTP/1.0\r\n\r\n'))).toBe('HTTP/1.1 200 OK')
  })
})

describe('bodies', () => {
  test('in chunks', async () => {
    const chunks = `5\r\n${BODY.slice(0, 5)}\r\n${(BODY.length - 5).toString(16)}\r\n${BODY.slice(5)}\r\n0\r\n\r\n`
    const reply = await mock.raw(`POST /generate HTTP/1.1\r\n${JSON_HEAD}Transfer-Encoding: chunked\r\n\r\n${chunks}`)
    expect(status(reply)).toBe('HTTP/1.1 200 OK')
  })

  test.each([
    ['/nowhere', 'application/json', 2, '404 Not Found'],
    ['/generate', 'text/plain', 2, '415 Unsupported Media Type'],
    ['/generate', 'application/json', SERVE_DEFAULTS.maxBodyBytes + 1, '413 Payload Too Large'],
  ])('a client that asks before it sends is told at once: %s %s %i', async (path, type, length, expected) => {
    const reply = await mock.raw(
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`,
    )
    expect(status(reply)).toBe(`HTTP/1.1 ${expected}`)
    // What comes next could be the body after all, or another request.
    expect(reply).toContain('Connection: close')
  })

  test('after Expect: 100-continue', async () => {
    const reply = await mock.raw(
      `POST /generate HTTP/1.1\r\n${JSON_HEAD}Expect: 100-continue\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
    )
    expect(reply).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK/)
  })

  test('too long by its own account: a client that is still sending hears 413', async () => {
    const response = await mock.post('/generate', ' '.repeat(SERVE_DEFAULTS.maxBodyBytes + 1))
    expect(response.status).toBe(413)
    expect(await response.json()).toMatchObject({ error: { message: 'the body is larger than 32 MiB' } })
  })

  test('too long as it turns out: 413', async () => {
    const mebibyte = `100000\r\n${' '.repeat(2 ** 20)}\r\n`
    const reply = await mock.raw(
      `POST /generate HTTP/1.1\r\n${JSON_HEAD}Transfer-Encoding: chunked\r\n\r\n${mebibyte.repeat(33)}`,
    )
    expect(status(reply)).toBe('HTTP/1.1 413 Payload Too Large')
  })

  test('cut off: nothing reaches the engine', async () => {
    const before = mock.engine.stats().requests
    await mock.raw(`POST /generate HTTP/1.0\r\n${JSON_HEAD}Content-Length: 10\r\n\r\n12345678`, { end: true })
    expect(mock.engine.stats().requests).toBe(before)
  })
})

test('a header beyond the thousandth is still seen', async () => {
  const many = Array.from({ length: 1500 }, (_, i) => `${i}:\r\n`).join('')
  const reply = await mock.raw(`GET /health HTTP/1.1\r\n${HEAD}${many}X-Request-Id: late\r\n\r\n`)
  expect(reply).toContain('X-Request-Id: late')
})

test('HTTP/1.0 gets a stream without chunks, up to the end of the connection', async () => {
  const body = '{"prompt":"a","max_tokens":2,"stream":true}'
  const reply = await mock.raw(
    `POST /v1/completions HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  )
  expect(reply).not.toContain('chunked')
  expect(reply.split('\r\n\r\n')[1]).toMatch(/^(data: .*\n\n)+$/)
  expect(reply).toMatch(/data: \[DONE\]\n\n$/)
})

test('streams in one piece come one after the other', async () => {
  const body = '{"prompt":"a","max_tokens":5,"stream":true}'
  const stream = (rest: string) =>
    `POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${rest}Content-Length: ${body.length}\r\n\r\n${body}`
  const reply = await mock.raw(stream('') + stream('Connection: close\r\n'))
  const [first, second] = reply.split(/(?<=0\r\n\r\n)(?=HTTP)/)
  for (const answer of [first, second]) {
    expect(answer!.match(/"id":"([^"]*)"/g)?.every((id, _, [one]) => id === one)).toBe(true)
    expect(answer).toMatch(/data: \[DONE\]\n\n\r\n0\r\n\r\n$/)
  }
})

describe('requests in one piece, by a client that leaves', () => {
  const body = '{"prompt":"a","max_tokens":1000,"ignore_eos":true,"stream":true}'
  const stream = `POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`

  test('are all given up, and only the first of them was begun', async () => {
    await using slow = await serveMock({ itlMs: 10 })
    using connection = slow.connect().write(stream.repeat(5))
    await connection.seen('data: ')
    connection.socket.destroy()
    await vi.waitFor(() => expect(slow.engine.stats()).toMatchObject({ running: 0, waiting: 0 }))
    // What is still in flight would be waited for.
    await slow.server.close()
    expect(slow.engine.stats().requests).toBe(1)
  })

  test('end the connection where there are too many', async () => {
    await using slow = await serveMock({ itlMs: 10 })
    expect(await slow.connect().write(stream.repeat(129)).closed).not.toContain('[DONE]')
    await vi.waitFor(() => expect(slow.engine.stats()).toMatchObject({ running: 0, waiting: 0 }))
    const health = 'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n'
    const answers = await slow.raw(`${health.repeat(127)}GET /health HTTP/1.1\r\n${HEAD}\r\n`)
    expect(answers.match(/200 OK/g)).toHaveLength(128)
  })
})

test('requests in one piece are answered in their order', async () => {
  const first = `POST /generate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`
  const reply = await mock.raw(`${first}GET /nowhere HTTP/1.1\r\n${HEAD}\r\n`)
  expect(reply.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404'])
})
