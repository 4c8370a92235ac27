import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type NumberSample, parseExposition } from '../src/telemetry/index.ts'
import { type Process, warpline } from './process.ts'
import { RawConnection } from './raw-connection.ts'

const SLOW_LOAD = 'mock:?load=3600s'
/** 60 tokens take a good half of a second, all that its context holds more than a minute. */
const MOCK = 'mock:?ttft=1ms&itl=10ms'
/** Its engine has threads of its own. */
const NATIVE = 'ember'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  return port
}

/** Throws where the port is taken. */
async function expectFree(port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  await new Promise(resolve => server.close(resolve))
}

/** Neither the process nor anything that it started. */
function expectGone({ child }: Process): void {
  expect(() => process.kill(-child.pid!, 0)).toThrow('ESRCH')
}

/** As `expectGone`, where its child has become an orphan: that has ended, and the system strikes it off in its own time. */
async function expectReaped(server: Process): Promise<void> {
  await vi.waitFor(() => expectGone(server), 10_000)
}

function serveOn(port: number, target: string, ...options: string[]): Process {
  return warpline(['serve', target, '--port', String(port), ...options])
}

function complete(port: number, fields: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${port}/v1/completions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ prompt: 'one two', ignore_eos: true, ...fields }),
  })
}

/** How many requests the server's queue holds, all five having come. */
async function waiting(port: number): Promise<number> {
  const families = parseExposition(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text())
  const value = (name: string) => (families.get(`warpline:${name}`)!.samples[0] as NumberSample).value
  return value('admission_accepted_total') === 5 ? value('admission_waiting_requests') : 0
}

/** A stream whose first tokens have come. */
async function beginStream(port: number, maxTokens = 60): Promise<{ readonly rest: Promise<string> }> {
  const reader = (await complete(port, { stream: true, max_tokens: maxTokens }))
    .body!.pipeThrough(new TextDecoderStream())
    .getReader()
  const first = await reader.read()
  const rest = (async () => {
    let text = first.value ?? ''
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) text += piece.value
    return text
  })()
  return { rest }
}

/** What a server may be doing when a signal comes. */
const MOMENTS: readonly (readonly [
  when: string,
  target: string,
  reach: (server: Process, port: number) => Promise<unknown>,
])[] = [
  ['while it loads', SLOW_LOAD, server => server.seen('listening on')],
  ['when it is idle', MOCK, server => server.seen('ready at')],
  ['when the native engine is idle', NATIVE, server => server.seen('ready at')],
]

describe('SIGTERM', () => {
  it.each(MOMENTS)('%s ends it with 0, and its port is free at once', async (_, target, reach) => {
    const port = await freePort()
    await using server = serveOn(port, target)
    await reach(server, port)
    server.child.kill('SIGTERM')
    expect(await server.ended).toMatchObject({ code: 0, signal: null, stdout: '' })
    expectGone(server)
    await expectFree(port)
  })

  it.each([0, 60, 120, 200, 300])('%i ms after its start ends it', async delayMs => {
    const port = await freePort()
    await using server = serveOn(port, MOCK)
    await new Promise(resolve => setTimeout(resolve, delayMs))
    server.child.kill('SIGTERM')
    const { code, signal } = await server.ended
    // Before its first line runs, nobody can hear it but Node, which dies of it.
    expect([0, 'SIGTERM']).toContain(code ?? signal)
    expectGone(server)
    await expectFree(port)
  })

  it('lets streams end, and takes nothing new meanwhile', async () => {
    const port = await freePort()
    await using server = serveOn(port, MOCK)
    await server.seen('ready at')
    const streams = await Promise.all([beginStream(port), beginStream(port), beginStream(port)])
    // Half a request: its connection is open, and not idle.
    using connection = new RawConnection(`http://127.0.0.1:${port}`)
    connection.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET /health HTTP/1.1\r\nHost: local')
    await connection.seen('200 OK')
    server.child.kill('SIGTERM')
    await server.seen('stopping once running requests are answered')
    await expect(complete(port, {})).rejects.toThrow()
    connection.write('host\r\n\r\n')
    await connection.seen('"code":"shutting_down"')
    for (const { rest } of streams) expect(await rest).toMatch(/"finish_reason":"length".*\n\ndata: \[DONE\]\n\n$/s)
    expect(await server.ended).toMatchObject({ code: 0 })
    expectGone(server)
    await expectFree(port)
  })

  it('lets requests that wait in the queue have their turn', async () => {
    const port = await freePort()
    await using server = serveOn(port, `${MOCK}&slots=1`)
    await server.seen('ready at')
    const answers = Array.from({ length: 5 }, () => complete(port, { max_tokens: 20 }))
    await vi.waitFor(async () => expect(await waiting(port)).toBeGreaterThan(0))
    server.child.kill('SIGTERM')
    for (const answer of answers) {
      const response = await answer
      expect(response.status).toBe(200)
      expect(await response.json()).toMatchObject({ usage: { completion_tokens: 20 } })
    }
    expect(await server.ended).toMatchObject({ code: 0 })
    expectGone(server)
  })

  it('lets a stream of the native engine end', async () => {
    const port = await freePort()
    await using server = serveOn(port, NATIVE)
    await server.seen('ready at')
    const { rest } = await beginStream(port)
    server.child.kill('SIGTERM')
    expect(await rest).toMatch(/data: \[DONE\]\n\n$/)
    expect(await server.ended).toMatchObject({ code: 0 })
    expectGone(server)
    await expectFree(port)
  })

  it('a second time ends it at once', async () => {
    const port = await freePort()
    await using server = serveOn(port, MOCK)
    await server.seen('ready at')
    const { rest } = await beginStream(port, 5000)
    const cut = rest.catch(() => 'cut')
    server.child.kill('SIGTERM')
    await server.seen('again to stop at once')
    server.child.kill('SIGTERM')
    expect(await server.ended).toMatchObject({ code: 143 })
    expect(await cut).toBe('cut')
    expectGone(server)
    await expectFree(port)
  })
})

describe('SIGKILL', () => {
  it.each([
    ...MOMENTS,
    ['while it streams', MOCK, streaming] as const,
    ['while the native engine streams', NATIVE, streaming] as const,
  ])('%s leaves nothing behind', async (_, target, reach) => {
    const port = await freePort()
    await using server = serveOn(port, target)
    await reach(server, port)
    server.child.kill('SIGKILL')
    expect(await server.ended).toMatchObject({ signal: 'SIGKILL' })
    expectGone(server)
    await expectFree(port)
  })

  async function streaming(server: Process, port: number): Promise<void> {
    await server.seen('ready at')
    const { rest } = await beginStream(port, 1000)
    rest.catch(() => undefined)
  }
})

describe('with an engine in a process of its own', () => {
  const RESTART = ['--on-engine-failure', 'restart']

  it.each(['SIGINT', 'SIGTERM'] as const)('%s to both lets a stream end', async signal => {
    const port = await freePort()
    await using server = serveOn(port, NATIVE, ...RESTART)
    await server.seen('ready at')
    const { rest } = await beginStream(port)
    process.kill(-server.child.pid!, signal)
    expect(await rest).toMatch(/"finish_reason":"length".*\n\ndata: \[DONE\]\n\n$/s)
    expect(await server.ended).toMatchObject({ code: 0 })
    expectGone(server)
  })

  it.each([0, 50, 100, 200, 400])('SIGTERM %i ms after its start ends both', async delayMs => {
    const port = await freePort()
    await using server = serveOn(port, NATIVE, ...RESTART)
    await server.seen('listening on')
    await new Promise(resolve => setTimeout(resolve, delayMs))
    server.child.kill('SIGTERM')
    expect(await server.ended).toMatchObject({ code: 0 })
    await expectReaped(server)
  })

  it('SIGKILL leaves nothing behind', async () => {
    const port = await freePort()
    await using server = serveOn(port, NATIVE, ...RESTART)
    await server.seen('ready at')
    const { rest } = await beginStream(port, 1000)
    rest.catch(() => undefined)
    server.child.kill('SIGKILL')
    expect(await server.ended).toMatchObject({ signal: 'SIGKILL' })
    await expectReaped(server)
    await expectFree(port)
  })
})

describe('SIGHUP', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'warpline-lifecycle-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('interrupts nobody', async () => {
    const port = await freePort()
    await using server = serveOn(port, MOCK)
    await server.seen('ready at')
    const { rest } = await beginStream(port)
    server.child.kill('SIGHUP')
    await server.seen('reloaded')
    expect(await rest).toMatch(/data: \[DONE\]\n\n$/)
    expect((await complete(port, { max_tokens: 1 })).status).toBe(200)
  })

  it('reads the keys again, and keeps them where they cannot be read', async () => {
    const file = join(folder, 'keys.txt')
    const [older, newer] = ['older-0123456789abcdef', 'newer-0123456789abcdef']
    const statuses = async () =>
      await Promise.all(
        [older, newer].map(async key => {
          const headers = { Authorization: `Bearer ${key}` }
          return (await complete(port, { max_tokens: 1 }, headers)).status
        }),
      )
    await writeFile(file, `alice ${older}\n`)
    const port = await freePort()
    await using server = serveOn(port, MOCK, '--keys', file)
    await server.seen('ready at')
    expect(await statuses()).toEqual([200, 401])
    await writeFile(file, `alice ${newer}\n`)
    server.child.kill('SIGHUP')
    await server.seen('reloaded')
    expect(await statuses()).toEqual([401, 200])
    await rm(file)
    server.child.kill('SIGHUP')
    await server.seen('nothing was reloaded')
    expect(await statuses()).toEqual([401, 200])
  })
})
