import type { Socket } from 'node:net'

/**
 * So many bytes go to the socket at once, or one frame. A socket that is given all that there is says only of all together
 * that it took it.
 */
const BATCH = 256 * 1024

interface Item {
  /** A header, and the piece behind it, if there is one. */
  readonly buffers: readonly Buffer[]
  readonly settle: ((error: Error | undefined) => void) | undefined
}

/** What is on its way into a socket, in order; what is sent in one turn of the event loop goes together. */
export class Outbox {
  readonly #socket: Socket
  readonly #items: Item[] = []
  #busy = false

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** `settle` is called once the socket has taken it, or cannot. */
  push(buffers: readonly Buffer[], settle?: Item['settle']): void {
    this.#items.push({ buffers, settle })
    if (this.#busy) return
    this.#busy = true
    process.nextTick(this.#pump)
  }

  readonly #pump = (): void => {
    const batch = this.#batch()
    this.#busy = batch.length > 0
    if (!this.#busy) return
    const buffers = batch.flatMap(item => item.buffers)
    const taken = (error: Error | null | undefined) => {
      for (const { settle } of batch) settle?.(error ?? undefined)
      this.#pump()
    }
    // A write costs more than to copy what is small.
    if (batch.length > 1 || buffers.length === 1) this.#socket.write(Buffer.concat(buffers), taken)
    else {
      this.#socket.cork()
      this.#socket.write(buffers[0]!)
      this.#socket.write(buffers[1]!, taken)
      this.#socket.uncork()
    }
  }

  #batch(): Item[] {
    let bytes = 0
    const end = this.#items.findIndex(({ buffers }, i) => {
      for (const { length } of buffers) bytes += length
      return i > 0 && bytes > BATCH
    })
    return this.#items.splice(0, end < 0 ? this.#items.length : end)
  }
}
