// A server whose life is wrong throughout: it loads with 500, refuses without saying when to return, and dies of SIGTERM
// in the middle of a stream. `node faulty-server.mjs PORT`
import { createServer } from 'node:http'

const LOADING_MS = 200
const start = performance.now()
const error = { error: { message: 'no', type: 'unavailable_error', param: null, code: null } }
const chunk = {
  id: 'a',
  object: 'chat.completion.chunk',
  created: 0,
  model: 'm',
  choices: [{ index: 0, delta: { content: 'a' } }],
}

createServer((incoming, outgoing) => {
  const send = (status, body) =>
    outgoing.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
  incoming.resume()
  if (performance.now() - start < LOADING_MS) send(500, error)
  else if (incoming.url === '/health') send(200, { status: 'ok' })
  else if (incoming.url === '/v1/models')
    send(200, { object: 'list', data: [{ id: 'm', object: 'model', created: 0, owned_by: 'nobody' }] })
  else if (crowd++ > 20) send(429, error)
  else {
    outgoing.writeHead(200, { 'Content-Type': 'text/event-stream' })
    const timer = setInterval(() => outgoing.write(`data: ${JSON.stringify(chunk)}\n\n`), 5)
    outgoing.on('close', () => clearInterval(timer))
  }
}).listen(Number(process.argv[2]), '127.0.0.1')

let crowd = 0
process.on('SIGTERM', () => process.exit(3))
