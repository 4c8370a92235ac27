import { createServer, type Server, type Socket } from 'node:net'
import { MpiError } from '../errors.ts'
import type { Address } from './address.ts'

/** Listens for ranks that call, until it is closed; those that have called stay. */
export class Listener {
  readonly #server: Server
  readonly port: number

  private constructor(server: Server, port: number) {
    this.#server = server
    this.port = port
  }

  /** @throws MpiError */
  static async open({ host, port }: Address, called: (socket: Socket) => void): Promise<Listener> {
    const server = createServer({ noDelay: true }, called)
    await new Promise<void>((resolve, reject) => {
      server.once('error', error => {
        const what = `${host}:${port} cannot be listened on (${(error as NodeJS.ErrnoException).code})`
        reject(new MpiError('unavailable', what, undefined, { cause: error }))
      })
      server.listen(port, host, resolve)
    })
    server.on('error', () => {})
    return new Listener(server, (server.address() as { readonly port: number }).port)
  }

  close(): void {
    this.#server.close()
  }
}
