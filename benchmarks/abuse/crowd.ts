import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** As many connections as a listener's queue takes at once. */
const AT_ONCE = 250

/** Clients that do as they like with their connections. */
export class Crowd implements Disposable {
  readonly #sockets = new Set<Socket>()
  readonly #timers: NodeJS.Timeout[] = []
  #onGone: (() => void) | undefined

  /** Opens so many connections; `act` is what each does. */
  async open(port: number, count: number, act: (socket: Socket, index: number) => void = () => {}): Promise<void> {
    for (let opened = 0; opened < count; ) {
      const batch = Array.from({ length: Math.min(AT_ONCE, count - opened) }, () => this.#connect(port))
      await Promise.all(batch.map(socket => once(socket, 'connect')))
      for (const socket of batch) act(socket, opened++)
    }
  }

  /** Sends `text` to all of them, a byte each time, for as long as they last. */
  drip(text: string, everyMs: number): void {
    let at = 0
    const timer = setInterval(() => {
      const byte = text[at++ % text.length]!
      for (const socket of this.#sockets) if (socket.writable) socket.write(byte)
    }, everyMs)
    this.#timers.push(timer)
  }

  /** Fulfilled once all connections are closed. */
  gone(): Promise<void> {
    if (this.#sockets.size === 0) return Promise.resolve()
    return new Promise(resolve => {
      this.#onGone = resolve
    })
  }

  [Symbol.dispose](): void {
    for (const timer of this.#timers) clearInterval(timer)
    for (const socket of this.#sockets) socket.destroy()
  }

  #connect(port: number): Socket {
    const socket = connect(port, '127.0.0.1')
    this.#sockets.add(socket)
    // What comes back is of no interest, but has to be taken for the end to be seen.
    socket.resume()
    socket.on('error', () => undefined)
    socket.once('close', () => {
      this.#sockets.delete(socket)
      if (this.#sockets.size === 0) this.#onGone?.()
    })
    return socket
  }
}
