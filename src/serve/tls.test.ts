import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type TLSSocket } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { type MockServer, serveMock } from '../../test/serve-mock.ts'

const pem = (name: string) => readFileSync(new URL(`../../test/fixtures/tls/${name}.pem`, import.meta.url))
const certificate = (name: 'first' | 'second') => ({ cert: pem(`${name}.cert`), key: pem(`${name}.key`) })
const tls = certificate('first')

const POST = 'POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
const BODY = '{"prompt":"a","max_tokens":5,"stream":true}'
const LENGTH = `Content-Length: ${BODY.length}\r\n\r\n`

async function commonNameOf(mock: MockServer): Promise<string> {
  using connection = mock.connect()
  const socket = connection.socket as TLSSocket
  await once(socket, 'secureConnect')
  return String(socket.getPeerCertificate().subject.CN)
}

test('its URL says so', async () => {
  await using mock = await serveMock({}, { tls })
  expect(mock.server.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
})

describe('answers are what they are without', () => {
  test.each([
    ['a stream', `${POST}Connection: close\r\n${LENGTH}${BODY}`, /\r\n0\r\n\r\n$/],
    [
      'streams in one piece',
      `${POST}${LENGTH}${BODY}${POST}Connection: close\r\n${LENGTH}${BODY}`,
      /\r\n0\r\n\r\nHTTP/,
    ],
    ['HTTP/1.0', `${POST.replace('1.1', '1.0')}${LENGTH}${BODY}`, /\r\n\r\ndata: .*\n\ndata: \[DONE\]\n\n$/s],
    [
      'no body',
      'HEAD /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      /^HTTP\/1.1 200 OK.*\r\n\r\n$/s,
    ],
    ['no request', 'GET /health HTTP/1.1\r\nConnection close\r\n\r\n', /^HTTP\/1.1 400 .*"malformed_request"/s],
  ])('%s', async (_, request, expected) => {
    await using mock = await serveMock({}, { tls })
    expect(await mock.raw(request)).toMatch(expected)
  })
})

test('nobody is spoken to in TLS 1.1, nor in plain HTTP', async () => {
  await using mock = await serveMock({}, { tls })
  const port = Number(new URL(mock.server.url).port)
  const old = connect({
    port,
    host: '127.0.0.1',
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    rejectUnauthorized: false,
  })
  const error = await new Promise<Error>(resolve => old.once('error', resolve))
  expect(error.message).toMatch(/protocol|alert/)
  await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow('fetch failed')
})

test('another certificate is for new connections', async () => {
  await using mock = await serveMock({}, { tls })
  using old = mock.connect()
  expect(await commonNameOf(mock)).toBe('first')
  mock.server.setTls(certificate('second'))
  expect(await commonNameOf(mock)).toBe('second')
  old.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await old.seen('200 OK')
})

test('what cannot be is said', async () => {
  await expect(serveMock({}, { tls: { ...tls, key: certificate('second').key } })).rejects.toMatchObject({
    code: 'invalid_option',
    message: expect.stringMatching(/^the certificate and its key cannot be used: /),
  })
  await using mock = await serveMock({}, { tls })
  expect(() => mock.server.setTls({ ...tls, cert: 'none' })).toThrow('the certificate and its key cannot be used: ')
  expect(await commonNameOf(mock)).toBe('first')
  await using plain = await serveMock()
  expect(() => plain.server.setTls(tls)).toThrow('this server was not opened with TLS')
})
