import { randomUUID } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { errorReply } from '../errors/error-reply.ts'
import type { RefusedError } from '../errors/errors.ts'

/** How long a client may go on sending after it was dismissed, in ms. */
const PATIENCE_MS = 1000

/**
 * Answers a connection that has no request to answer, and closes it. Closed at once, it could take the answer with it
 * before the client reads it: what still comes is heard, unread, for a while.
 */
export function dismiss(socket: Socket, refusal: RefusedError): void {
  const { status, headers, body } = errorReply(refusal)
  const text = JSON.stringify(body)
  const lines = Object.entries({
    Connection: 'close',
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    'X-Request-Id': `req-${randomUUID()}`,
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.on('error', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${text}`)
  socket.resume()
  const timer = setTimeout(() => socket.destroy(), PATIENCE_MS)
  socket.once('close', () => clearTimeout(timer))
}
