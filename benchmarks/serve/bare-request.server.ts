// The least that node:http can do for a request: read its body, answer with bytes that are ready.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serveHere, settings } from './serve-here.ts'

const { headers, body } = settings<{ headers: Record<string, string>; body: string }>()
const bytes = Buffer.from(body)
const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    Buffer.concat(chunks)
    response.writeHead(200, headers)
    response.end(bytes)
  })
})
server.listen(0, '127.0.0.1', () => serveHere((server.address() as AddressInfo).port))
