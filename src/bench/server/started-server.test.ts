import { createServer } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { freePort } from './free-port.ts'
import { StartedServer } from './started-server.ts'

/** A server of a few lines: says 503 for a while, then 200. */
const SERVER = `
  const [port, path, loading] = process.argv.slice(1)
  let asked = 0
  const answer = (request, response) => {
    const status = request.url !== path ? 404 : asked++ < Number(loading) ? 503 : 200
    response.writeHead(status).end()
  }
  require('node:http').createServer(answer).listen(Number(port), '127.0.0.1')
`

let started: StartedServer | undefined
afterEach(async () => {
  await started?.[Symbol.asyncDispose]()
  started = undefined
})

async function node(source: string, ...words: readonly string[]) {
  const port = await freePort()
  return { command: [process.execPath, '-e', source, String(port), ...words], url: `http://127.0.0.1:${port}` }
}

test.each(['/health', '/v1/models', '/'])('waits until it says that it is ready, by %s', async path => {
  started = await StartedServer.start(await node(SERVER, path, '3'))
  expect(started.ended).toBeUndefined()
  expect((await fetch(started.url + path)).status).toBe(200)
  await started[Symbol.asyncDispose]()
  expect(started.ended).toBe('was ended by SIGTERM')
  await expect(fetch(started.url)).rejects.toThrow()
})

test('one that ends tells its last words', async () => {
  const server = await node('console.error("out of\\u001b memory"); process.exit(7)')
  await expect(StartedServer.start(server)).rejects.toThrow(/^the server ".*node" ended with 7: out of\\u001b memory$/)
})

test('one that never gets ready is stopped', async () => {
  const server = { ...(await node(SERVER, '/health', '1000000')), readyTimeoutMs: 0 }
  await expect(StartedServer.start(server)).rejects.toThrow(/was not ready in time$/)
  await expect(fetch(server.url)).rejects.toThrow()
})

test('a command that is none says so', async () => {
  const url = `http://127.0.0.1:${await freePort()}`
  await expect(StartedServer.start({ command: ['/no/such/server'], url })).rejects.toThrow(
    'the server "/no/such/server" spawn /no/such/server ENOENT',
  )
})

test('where somebody answers already, nothing is started', async () => {
  const other = createServer((_, response) => response.end()).listen(0, '127.0.0.1')
  try {
    await new Promise(resolve => other.once('listening', resolve))
    const url = `http://127.0.0.1:${(other.address() as { port: number }).port}`
    await expect(StartedServer.start({ command: ['/no/such/server'], url })).rejects.toThrow('answers already')
  } finally {
    other.close()
  }
})
