import { connect, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'

/** A connection to a server, by which a test says exactly the bytes that it wants. */
export class RawConnection implements Disposable {
  readonly socket: Socket | TLSSocket
  /** All that came back so far. */
  text = ''
  /** Fulfilled with all that came back, once the connection is closed. */
  readonly closed: Promise<string>
  #waiting: (() => void)[] = []

  /** Whoever the server says it is, is believed. */
  constructor(url: string) {
    const { protocol, port } = new URL(url)
    const to = { port: Number(port), host: '127.0.0.1' }
    this.socket = protocol === 'https:' ? connectTls({ ...to, rejectUnauthorized: false }) : connect(to)
    this.socket.setEncoding('utf8').on('data', (chunk: string) => {
      this.text += chunk
      this.#wake()
    })
    // That the other side closes first is often what is tested.
    this.socket.on('error', () => undefined)
    this.closed = new Promise(resolve => {
      this.socket.on('close', () => {
        resolve(this.text)
        this.#wake()
      })
    })
  }

  write(bytes: string): this {
    this.socket.write(bytes)
    return this
  }

  /** Fulfilled once `text` has come; rejects where the connection is closed without it. */
  async seen(text: string): Promise<void> {
    while (!this.text.includes(text)) {
      if (this.socket.destroyed) throw new Error(`the connection was closed without ${text}:\n${this.text}`)
      await new Promise<void>(resolve => this.#waiting.push(resolve))
    }
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake()
  }
}
