// The least that node:http can do for a request: read its body, answer with bytes that are ready.
import { createServer } from 'node:http'
import { serveHere, settings } from './serve-here.mjs'

const { headers, body } = settings()
const bytes = Buffer.from(body)
const server = createServer((request, response) => {
  const chunks = []
  request.on('data', chunk => chunks.push(chunk))
  request.on('end', () => {
    Buffer.concat(chunks)
    response.writeHead(200, headers)
    response.end(bytes)
  })
})
server.listen(0, '127.0.0.1', () => serveHere(server.address().port))
