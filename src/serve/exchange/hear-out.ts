import type { IncomingMessage } from 'node:http'

/** How long a client may go on sending after its answer, in ms. */
const PATIENCE_MS = 1000

/**
 * A request was answered before all of its body came, e.g. refused. Closed at once, the connection would take the answer
 * with it before the client reads it: so the rest is heard, unread, for a while.
 */
export function hearOut(incoming: IncomingMessage): void {
  if (incoming.complete) return
  incoming.resume()
  const timer = setTimeout(() => incoming.socket.destroy(), PATIENCE_MS)
  incoming.once('close', () => clearTimeout(timer))
}
