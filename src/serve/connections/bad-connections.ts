import type { Socket } from 'node:net'
import { RefusedError } from '../errors/errors.ts'
import { Connection } from '../exchange/connection.ts'
import { dismiss } from './dismiss.ts'

/** What Node's parser says is wrong, in words. */
const REFUSALS: Readonly<Record<string, RefusedError>> = {
  HPE_HEADER_OVERFLOW: new RefusedError('headers_too_large', 'the headers are too large'),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: new RefusedError('body_too_large', 'the extensions of a chunk are too large'),
  ERR_HTTP_REQUEST_TIMEOUT: new RefusedError('request_timeout', 'the request did not come in time'),
}
const MALFORMED = new RefusedError('malformed_request', 'the request is not valid HTTP')

/** Connections of which something is told already. */
const dismissed = new WeakSet<Socket>()

/**
 * Ends a connection on which Node has found no request that it could hand over: in words where the client waits for
 * some, and silently where what it would read next is another answer, or nothing was ever said.
 */
export function endBadConnection(error: NodeJS.ErrnoException, socket: Socket): void {
  // The parser goes on complaining of what still comes.
  if (dismissed.has(socket)) return
  const { code = '' } = error
  const fromParser = code.startsWith('HPE_') || Object.hasOwn(REFUSALS, code)
  if (!fromParser || !socket.writable || socket.bytesRead === 0 || Connection.of(socket).isAnswering) {
    socket.destroy()
    return
  }
  dismissed.add(socket)
  dismiss(socket, REFUSALS[code] ?? MALFORMED)
}
