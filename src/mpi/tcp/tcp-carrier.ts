import { hostname } from 'node:os'
import type { Carrier, Envelope, Inbox } from '../carried/carrier.ts'
import type { Mesh } from './join.ts'
import { Peer } from './peer.ts'

/** A socket to each other rank, and a way to ourselves. */
export class TcpCarrier implements Carrier {
  readonly rank: number
  readonly size: number
  readonly host = hostname()
  readonly library = 'TCP'
  readonly #mesh: Mesh
  readonly #exit: (code: number) => never
  readonly #peers: (Peer | undefined)[] = []
  #inbox: Inbox | undefined

  constructor(rank: number, mesh: Mesh, exit: (code: number) => never) {
    this.rank = rank
    this.size = mesh.length
    this.#mesh = mesh
    this.#exit = exit
  }

  open(inbox: Inbox): void {
    this.#inbox = inbox
    for (const [rank, socket] of this.#mesh.entries())
      this.#peers[rank] =
        socket &&
        new Peer(rank, socket, {
          message: (envelope, data) => inbox.arrive(rank, envelope, data),
          gone: (error, left) => inbox.lose(rank, error, left),
          abort: code => this.#exit(code),
        })
  }

  async send(to: number, envelope: Envelope, data: Buffer): Promise<void> {
    const peer = this.#peers[to]
    if (peer) return peer.send(envelope, data)
    const copy = Buffer.from(data)
    setImmediate(() => this.#inbox?.arrive(to, envelope, copy))
  }

  hold(source: number, held: boolean): void {
    this.#peers[source]?.hold(held)
  }

  abort(code: number): never {
    for (const peer of this.#peers) peer?.abort(code)
    return this.#exit(code)
  }

  async close(alone: boolean): Promise<void> {
    this.#inbox = undefined
    await Promise.all(this.#peers.map(peer => peer?.leave(alone)))
  }
}
