import { describe, expect, test } from 'vitest'
import { serveMock } from '../../test/serve-mock.ts'
import { createMockEngine } from '../mock/index.ts'
import { KeyAccess, keysFrom, serve } from './index.ts'

const PAGE = 'https://page.example'
const EXPOSED =
  'X-Request-Id, Retry-After, Retry-After-Ms, Server-Timing, X-Warpline-Upstream, X-Warpline-Overhead-Ms, traceparent'
const KEY = 'the-key-of-alice'

const cors = (reply: string) => reply.match(/^(?:Access-Control-|Vary|Allow)[^\r]*/gm) ?? []
const status = (reply: string) => Number(reply.split(' ')[1])

/** A request of these header lines, on a connection of its own. */
function head(request: string, headers: readonly string[]): string {
  return `${[`${request} HTTP/1.1`, 'Host: localhost:1', 'Connection: close', ...headers].join('\r\n')}\r\n\r\n`
}

describe('where a request comes from', () => {
  const readable = [`Access-Control-Allow-Origin: ${PAGE}`, `Access-Control-Expose-Headers: ${EXPOSED}`]

  test.each<[string, readonly string[], readonly string[], number, readonly string[]]>([
    ['no browser', [], [], 200, []],
    ['its own page', [], ['Origin: http://localhost:1'], 200, []],
    ['its own page, by a proxy that speaks TLS', [], ['Origin: https://localhost:1'], 200, []],
    ['another port of this machine', [], ['Origin: http://localhost:3000'], 403, []],
    ['another page', [], [`Origin: ${PAGE}`], 403, []],
    ['a page of no origin', [], ['Origin: null'], 403, []],
    ['a page whose name begins alike', [], ['Origin: http://localhost:1.example'], 403, []],
    ['no browser, pages being allowed', [PAGE], [], 200, ['Vary: Origin']],
    ['an allowed page', [PAGE], [`Origin: ${PAGE}`], 200, ['Vary: Origin', ...readable]],
    ['its own page, others being allowed', [PAGE], ['Origin: http://localhost:1'], 200, ['Vary: Origin']],
    ['one that is not allowed', [PAGE], ['Origin: https://page.example:8443'], 403, ['Vary: Origin']],
    ['no origin, pages being allowed', [PAGE], ['Origin: null'], 403, ['Vary: Origin']],
    ['any page', ['*'], [`Origin: ${PAGE}`], 200, ['Vary: Origin', ...readable]],
    [
      'any page, of no origin',
      ['*'],
      ['Origin: null'],
      200,
      ['Vary: Origin', 'Access-Control-Allow-Origin: null', readable[1]!],
    ],
  ])('%s', async (_, corsOrigins, headers, expected, told) => {
    await using mock = await serveMock({}, { corsOrigins })
    const reply = await mock.raw(head('GET /health', headers))
    expect(status(reply)).toBe(expected)
    expect(cors(reply)).toEqual(told)
    if (expected === 403) expect(reply).toContain('"type":"permission_error","param":null,"code":"forbidden_origin"')
  })
})

describe('a page that may call can read', () => {
  test.each([
    ['/v1/models', '', 200],
    ['/nowhere', '', 404],
    ['/v1/completions', '{"prompt":"a","max_tokens":1,"stream":true}', 200],
    ['/v1/completions', '{"prompt":"a","top_p":2,"stream":true}', 400],
  ])('%s %s: %i', async (path, body, expected) => {
    await using mock = await serveMock({}, { corsOrigins: [PAGE] })
    const headers = { Origin: PAGE, 'Content-Type': 'application/json' }
    const response = await fetch(mock.server.url + path, body === '' ? { headers } : { method: 'POST', body, headers })
    expect(response.status).toBe(expected)
    expect(response.headers.get('access-control-allow-origin')).toBe(PAGE)
    await response.text()
  })

  test('that its key is wrong', async () => {
    const access = new KeyAccess(keysFrom(KEY))
    await using mock = await serveMock({}, { corsOrigins: [PAGE], access })
    const reply = await mock.raw(head('GET /v1/models', [`Origin: ${PAGE}`]))
    expect(status(reply)).toBe(401)
    expect(reply).toContain(`Access-Control-Allow-Origin: ${PAGE}\r\n`)
  })
})

describe('OPTIONS', () => {
  const asks = [`Origin: ${PAGE}`, 'Access-Control-Request-Method: POST']
  const chat = '/v1/chat/completions'

  test.each<[string, string, readonly string[], number, readonly string[]]>([
    ['without more tells the methods', '/health', [], 204, ['Vary: Origin', 'Allow: GET, HEAD, OPTIONS']],
    ['of a page without more, too', chat, [asks[0]!], 204, ['Allow: POST, OPTIONS']],
    [
      'before another request gives leave',
      chat,
      [...asks, 'Access-Control-Request-Headers: authorization, x-request-id'],
      204,
      [
        `Access-Control-Allow-Origin: ${PAGE}`,
        'Access-Control-Allow-Methods: POST',
        'Access-Control-Allow-Headers: authorization, x-request-id',
        'Access-Control-Max-Age: 600',
      ],
    ],
    [
      'does not repeat what is no header',
      chat,
      [...asks, 'Access-Control-Request-Headers: a"b'],
      204,
      ['Vary: Origin'],
    ],
    ['of another page is refused', chat, ['Origin: https://other.example', asks[1]!], 403, ['Vary: Origin']],
    ['where there is nothing is as any request', '/nowhere', asks, 401, [`Access-Control-Allow-Origin: ${PAGE}`]],
  ])('%s', async (_, path, headers, expected, told) => {
    await using mock = await serveMock({}, { corsOrigins: [PAGE], access: new KeyAccess(keysFrom(KEY)) })
    const reply = await mock.raw(head(`OPTIONS ${path}`, headers))
    expect(status(reply)).toBe(expected)
    expect(cors(reply)).toEqual(expect.arrayContaining([...told]))
    if (!told.some(line => line.includes('Allow-Headers'))) expect(reply).not.toContain('Access-Control-Allow-Headers')
    expect(reply).not.toContain('Allow-Credentials')
  })
})

test.each(['page.example', 'https://page.example/', 'https://Page.example', 'https://a@b', 'null', ''])(
  '%j is no origin to allow',
  async origin => {
    const error = await serve({ engine: createMockEngine(), port: 0, corsOrigins: [origin] }).catch((e: unknown) => e)
    expect(error).toMatchObject({
      code: 'invalid_option',
      message: `"${origin}" is no origin: write it as browsers do, e.g. https://example.com, or * for all`,
    })
  },
)
