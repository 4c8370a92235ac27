import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** What becomes of a connection, from now on. */
export type Fault =
  | 'none'
  /** Nobody is let in. */
  | 'refuse'
  /** The answer ends within a frame, so many bytes into it, and the connection is closed. */
  | { readonly cutAfter: number }
  /** What comes in is taken, and nothing is ever answered. */
  | 'silence'

/** Stands before a server and breaks what passes through it. */
export class FaultyProxy implements AsyncDisposable {
  fault: Fault = 'none'
  /** Connections that met a fault. */
  broken = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(private readonly port: number) {
    this.#server = createServer(socket => this.#join(socket))
  }

  static async before(url: string): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(Number(new URL(url).port))
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Breaks what is connected now. */
  drop(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.drop()
    await new Promise(resolve => this.#server.close(resolve))
  }

  #join(client: Socket): void {
    this.#keep(client)
    if (this.fault === 'refuse') {
      this.broken++
      client.resetAndDestroy()
      return
    }
    const server = connect(this.port, '127.0.0.1')
    this.#keep(server)
    client.on('data', bytes => server.write(bytes))
    let seen = 0
    server.on('data', bytes => {
      if (this.fault === 'silence') {
        this.broken++
        return
      }
      const left = typeof this.fault === 'object' ? this.fault.cutAfter - seen : Number.POSITIVE_INFINITY
      seen += bytes.length
      if (bytes.length < left) {
        client.write(bytes)
        return
      }
      this.broken++
      client.end(bytes.subarray(0, left), () => client.destroy())
      server.destroy()
    })
    client.on('close', () => server.destroy())
    server.on('close', () => client.destroy())
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.on('close', () => this.#sockets.delete(socket))
  }
}
