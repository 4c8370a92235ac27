import { setMaxListeners } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Requests that a client may send on one connection without waiting for answers. */
const MOST_AT_ONCE = 128

interface Pair {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
}

const connections = new WeakMap<Socket, Connection>()

/** What the requests of one connection share. */
export class Connection {
  /** Nearly always one. */
  readonly #open: Pair[] = []
  readonly #waiting: (() => void)[] = []
  #spare: AbortController | undefined

  static of(socket: Socket): Connection {
    let connection = connections.get(socket)
    if (connection === undefined) {
      connection = new Connection(socket)
      connections.set(socket, connection)
    }
    return connection
  }

  private constructor(socket: Socket) {
    socket.once('close', () => this.#closed())
  }

  /** More was asked at once than anybody needs: it is not worth an answer. */
  get isCrowded(): boolean {
    return this.#open.length > MOST_AT_ONCE
  }

  /** A request that has come as a whole is not answered yet, or an answer is on its way: other bytes would be taken for it. */
  get isAnswering(): boolean {
    for (const { incoming, outgoing } of this.#open) if (incoming.complete || outgoing.headersSent) return true
    return false
  }

  /**
   * Another request came. A new AbortController costs more than most of what a short request needs otherwise, so one
   * that nobody aborted is used again by the connection's next request.
   */
  begin(pair: Pair): AbortController {
    this.#open.push(pair)
    const controller = this.#spare ?? newController()
    this.#spare = undefined
    return controller
  }

  /**
   * What the request that came last has to wait for; undefined where there is none before it. Begun at once, it would
   * hold a place in the engine for an answer that nobody can read yet.
   */
  turn(): Promise<void> | undefined {
    return this.#open.length === 1 ? undefined : new Promise(resolve => this.#waiting.push(resolve))
  }

  /** The request is over, and nobody listens to its signal any more. */
  end(pair: Pair, controller: AbortController): void {
    const at = this.#open.indexOf(pair)
    if (at >= 0) this.#open.splice(at, 1)
    this.#waiting.shift()?.()
    if (!controller.signal.aborted) this.#spare = controller
  }

  /** Node tells only the answer whose turn it is; those behind it would wait for ever. */
  #closed(): void {
    for (const { outgoing } of [...this.#open]) {
      outgoing.destroy()
      outgoing.emit('close')
    }
  }
}

function newController(): AbortController {
  const controller = new AbortController()
  // Each prompt of a request listens, and there may be a hundred.
  setMaxListeners(0, controller.signal)
  return controller
}
