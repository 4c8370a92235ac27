// The least that a stream can cost: one prepared frame for every client at each step, by the response or past it.
import { createServer } from 'node:http'
import { serveHere, settings } from './serve-here.mjs'

const { frame, itlMs, raw } = settings()
const chunk = `${frame.length.toString(16)}\r\n${frame}\r\n`
const open = new Set()
const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    response.write(frame)
    open.add(response)
    response.on('close', () => open.delete(response))
  })
})
setInterval(() => {
  for (const response of open) {
    if (raw) response.socket?.write(chunk)
    else response.write(frame)
  }
}, itlMs)
server.listen(0, '127.0.0.1', () => serveHere(server.address().port))
