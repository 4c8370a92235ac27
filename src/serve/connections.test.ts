import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { describe, expect, test, vi } from 'vitest'
import type { RawConnection } from '../../test/raw-connection.ts'
import { recordingLogger } from '../../test/recording-logger.ts'
import { serveMock } from '../../test/serve-mock.ts'

const HEAD = 'POST /generate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
const pem = (name: string) => readFileSync(new URL(`../../test/fixtures/tls/first.${name}.pem`, import.meta.url))
const tls = { cert: pem('cert'), key: pem('key') }
const refusal = (reply: string) => [Number(reply.split(' ')[1]), /"code":"(\w+)"/.exec(reply)?.[1]]

/** Sends it a byte at a time, each long before the server's patience for silence ends. */
function drip(connection: RawConnection, text: string): void {
  let at = 0
  const timer = setInterval(() => connection.write(text[at++ % text.length]!), 5)
  void connection.closed.then(() => clearInterval(timer))
}

describe('headers must come in time', () => {
  const settings = { headersTimeoutMs: 100 }

  test('who says nothing is left without a word', async () => {
    await using mock = await serveMock({}, settings)
    expect(await mock.connect().closed).toBe('')
  })

  test('who says half is told', async () => {
    await using mock = await serveMock({}, settings)
    expect(refusal(await mock.raw('GET /health HTTP/1.1\r\nHost: local'))).toEqual([408, 'request_timeout'])
  })

  test('who goes on and on is told', async () => {
    await using mock = await serveMock({}, settings)
    const connection = mock.connect().write('GET /health HTTP/1.1\r\n')
    drip(connection, 'X: a\r\n')
    expect(refusal(await connection.closed)).toEqual([408, 'request_timeout'])
  })

  test('those of a later request, too', async () => {
    await using mock = await serveMock({}, settings)
    const connection = mock.connect().write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n')
    await connection.seen('{"status":"ok"}')
    connection.write('GET /health')
    expect(refusal((await connection.closed).split('{"status":"ok"}')[1]!)).toEqual([408, 'request_timeout'])
  })

  test('and so must the handshake of TLS, and what comes after', async () => {
    await using mock = await serveMock({}, { ...settings, tls })
    const socket = connect(Number(new URL(mock.server.url).port), '127.0.0.1')
    await once(socket, 'close')
    expect(await mock.connect().closed).toBe('')
    expect(refusal(await mock.raw('GET /'))).toEqual([408, 'request_timeout'])
  })
})

describe('a body must come in time', () => {
  const settings = { bodyTimeoutMs: 100 }

  test('one that stops is given up', async () => {
    await using mock = await serveMock({}, settings)
    const reply = await mock.raw(`${HEAD}Content-Length: 10\r\n\r\n{"a"`)
    expect(refusal(reply)).toEqual([408, 'body_timeout'])
    expect(reply).toContain('"message":"nothing of the body came for 100 ms","type":"timeout_error"')
    expect(reply).toContain('Connection: close')
  })

  test('one that never begins is given up', async () => {
    await using mock = await serveMock({}, settings)
    const reply = await mock.raw(`${HEAD}Expect: 100-continue\r\nContent-Length: 10\r\n\r\n`)
    expect(refusal(reply.replace('HTTP/1.1 100 Continue\r\n\r\n', ''))).toEqual([408, 'body_timeout'])
  })

  test('one that drips is given up', async () => {
    await using mock = await serveMock({}, settings)
    const connection = mock.connect().write(`${HEAD}Content-Length: 1000\r\n\r\n`)
    drip(connection, ' ')
    const reply = await connection.closed
    expect(refusal(reply)).toEqual([408, 'body_timeout'])
    expect(reply).toContain('the body comes at less than 1 KiB/s')
  })

  test('one that nobody reads is not waited for', async () => {
    await using mock = await serveMock({})
    const reply = await mock.raw(`${HEAD.replace('/generate', '/nowhere')}Content-Length: 1000\r\n\r\n`)
    expect(refusal(reply)).toEqual([404, 'not_found'])
  })

  test('all of a request must be there in the end', async () => {
    await using mock = await serveMock({}, { headersTimeoutMs: 100, requestTimeoutMs: 200 })
    const connection = mock.connect().write(`${HEAD}Content-Length: 100000\r\n\r\n`)
    drip(connection, ' ')
    expect(refusal(await connection.closed)).toEqual([408, 'request_timeout'])
  })
})

test('a connection without a request is kept for a while', async () => {
  await using mock = await serveMock({}, { keepAliveMs: 50 })
  const connection = mock.connect().write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await connection.seen('Keep-Alive: timeout=')
  expect(await connection.closed).toMatch(/^HTTP\/1.1 200 OK.*"ok"}$/s)
})

test('more connections than may be are dropped, and told of once', async () => {
  const logger = recordingLogger()
  await using mock = await serveMock({}, { maxConnections: 2, logger })
  const get = 'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n'
  const [first, second] = [mock.connect().write(get), mock.connect().write(get)]
  await Promise.all([first.seen('ok'), second.seen('ok')])
  for (let i = 0; i < 3; i++) expect(await mock.connect().write(get).closed).toBe('')
  const warnings = logger.entries.filter(({ level }) => level === 'warn')
  expect(warnings).toEqual([
    {
      level: 'warn',
      fields: { maxConnections: 2, times: 1 },
      message: 'connections were dropped: there are as many as may be',
    },
  ])
  first.socket.destroy()
  await vi.waitFor(async () => {
    using again = mock.connect().write(get)
    await again.seen('ok')
  })
  second.socket.destroy()
})
