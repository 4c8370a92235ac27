import { createServer, type Server, type Socket } from 'node:net'
import { preciseClock } from '../../clock/index.ts'
import { NullAnswers } from './null-answers.ts'
import { NullConnection } from './null-connection.ts'
import { Pacer } from './pacer.ts'

/**
 * A server that computes nothing: what is measured of it is the client and the way. It speaks just enough of the OpenAI
 * API over raw sockets, in bytes made beforehand. Paths may have a pace before them; see {@link pacedPrefix}.
 */
export class NullServer implements AsyncDisposable {
  readonly #answers = new NullAnswers()
  readonly #pacer = new Pacer(preciseClock())
  readonly #sockets = new Set<Socket>()
  readonly #server: Server

  private constructor() {
    this.#server = createServer({ noDelay: true }, socket => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
      new NullConnection(socket, this.#answers, this.#pacer)
    })
  }

  /** On a free port of this machine alone. */
  static async start(): Promise<NullServer> {
    const server = new NullServer()
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject)
      // As many as ask at once: a backlog that overflows would cost a client a second.
      server.#server.listen({ host: '127.0.0.1', port: 0, backlog: 4096 }, resolve)
    })
    return server
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise(resolve => this.#server.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }
}
