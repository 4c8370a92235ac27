/**
 * The least that a proxy can be on the libraries that the router stands on: Node's server before, undici behind, bytes
 * handed on as they come. What it adds to the server behind it is what they and the machine cost.
 * Of its own it tells its processor time, at `/metrics`.
 *
 *   node bare-proxy.process.ts URL
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Pool } from 'undici'

const pool = new Pool(process.argv[2]!, { connections: null, pipelining: 1 })

async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const body = Buffer.concat(await incoming.toArray())
  const { url = '/', method = 'GET' } = incoming
  const headers = { 'content-type': incoming.headers['content-type'] ?? 'application/json' }
  pool.dispatch(
    { path: url, method, headers, body: body.length > 0 ? body : null },
    {
      onRequestStart() {},
      onResponseStart(_, status, { 'content-type': type }) {
        outgoing.writeHead(status, { 'content-type': type })
      },
      onResponseData(_, chunk) {
        outgoing.write(chunk)
      },
      onResponseEnd() {
        outgoing.end()
      },
      onResponseError(_, error) {
        outgoing.destroy(error)
      },
    },
  )
}

function tell(outgoing: ServerResponse): void {
  const { user, system } = process.cpuUsage()
  outgoing.end(`# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total ${(user + system) / 1e6}\n`)
}

const server = createServer((incoming, outgoing) => {
  if (incoming.url === '/metrics') tell(outgoing)
  else void pass(incoming, outgoing)
})
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
