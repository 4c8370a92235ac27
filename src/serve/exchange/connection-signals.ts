import { setMaxListeners } from 'node:events'
import type { Socket } from 'node:net'

const controllers = new WeakMap<Socket, AbortController>()

/**
 * An AbortController for a request on this connection. A new one costs more than most of what a short request needs
 * otherwise, so one that nobody aborted is used again by the connection's next request; {@link giveBack} says when.
 */
export function takeController(socket: Socket): AbortController {
  const controller = controllers.get(socket)
  // Requests that were sent without waiting for answers run side by side, each with its own.
  controllers.delete(socket)
  return controller ?? newController()
}

function newController(): AbortController {
  const controller = new AbortController()
  // Each prompt of a request listens, and there may be a hundred.
  setMaxListeners(0, controller.signal)
  return controller
}

/** The request is over, and nobody listens to its signal any more. */
export function giveBack(socket: Socket, controller: AbortController): void {
  if (!controller.signal.aborted) controllers.set(socket, controller)
}
