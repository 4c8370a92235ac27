import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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

describe('requests that could be read in two ways', () => {
  test.each([
    [
      'both lengths',
      `POST /generate HTTP/1.1\r\n${JSON_HEAD}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['two lengths', `POST /generate HTTP/1.1\r\n${JSON_HEAD}Content-Length: 5\r\nContent-Length: 6\r\n\r\n`],
    ['a signed length', `POST /generate HTTP/1.1\r\n${JSON_HEAD}Content-Length: +5\r\n\r\n`],
    ['an odd transfer coding', `POST /generate HTTP/1.1\r\n${JSON_HEAD}Transfer-Encoding: xchunked\r\n\r\n`],
    ['a space before the colon', `GET /health HTTP/1.1\r\nHost : localhost\r\n\r\n`],
    ['a folded header', `GET /health HTTP/1.1\r\n${HEAD}X: a\r\n b\r\n\r\n`],
    ['no Host', 'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n'],
    ['two Hosts', `GET /health HTTP/1.1\r\n${HEAD}Host: localhost\r\n\r\n`],
    ['no version', 'GET /health\r\n\r\n'],
    ['dot segments', `GET /v1/../health HTTP/1.1\r\n${HEAD}\r\n`],
    ['encoded dot segments', `GET /v1/%2E%2e/health HTTP/1.1\r\n${HEAD}\r\n`],
    ['a dot segment at the end', `GET /health/. HTTP/1.1\r\n${HEAD}\r\n`],
    ['a NUL', `GET /health%00 HTTP/1.1\r\n${HEAD}\r\n`],
    ['a backslash', `GET /v1\\..\\health HTTP/1.1\r\n${HEAD}\r\n`],
    ['a fragment', `GET /health#x HTTP/1.1\r\n${HEAD}\r\n`],
    ['an asterisk', `OPTIONS * HTTP/1.1\r\n${HEAD}\r\n`],
    ['a host with a user', `GET http://a@localhost/health HTTP/1.1\r\n${HEAD}\r\n`],
  ])('%s: 400', async (_, request) => {
    expect(status(await mock.raw(request))).toBe('HTTP/1.1 400 Bad Request')
  })
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

test('requests in one piece are answered in their order', async () => {
  const first = `POST /generate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`
  const reply = await mock.raw(`${first}GET /nowhere HTTP/1.1\r\n${HEAD}\r\n`)
  expect(reply.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404'])
})
