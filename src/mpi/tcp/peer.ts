import type { Socket } from 'node:net'
import type { Envelope } from '../carried/carrier.ts'
import { Pending } from '../carried/pending.ts'
import { MpiError } from '../errors.ts'
import { abortFrame, FrameParser, framesOf, goodbyeFrame } from './frame.ts'
import { Outbox } from './outbox.ts'

/** A connection that goes dark is asked after so long whether it is still there. */
const KEEP_ALIVE_MS = 10_000

export interface PeerEvents {
  message(envelope: Envelope, data: Buffer): void
  /** `left`: in good order, with all said. */
  gone(error: MpiError, left: boolean): void
  abort(code: number): void
}

/** Another rank, at the other end of a socket. */
export class Peer {
  readonly #rank: number
  readonly #socket: Socket
  readonly #events: PeerEvents
  readonly #outbox: Outbox
  readonly #gone = new Pending<void>().watched()
  /** Why nobody is there any more. */
  #absence: MpiError | undefined

  constructor(rank: number, socket: Socket, events: PeerEvents) {
    this.#rank = rank
    this.#socket = socket
    this.#events = events
    this.#outbox = new Outbox(socket)
    const parser = new FrameParser({
      message: events.message,
      goodbye: () => this.#end(new MpiError('lost', `rank ${rank} has left`), true),
      abort: events.abort,
    })
    socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS)
    socket.on('error', error => this.#lose(error))
    socket.on('close', () => this.#lose(undefined))
    socket.on('end', () => this.#lose(undefined))
    socket.on('data', (chunk: Buffer) => {
      try {
        parser.push(chunk)
      } catch (error) {
        this.#lose(error as Error)
        socket.destroy()
      }
    })
  }

  /** Resolves once the socket has taken all of it. */
  send(envelope: Envelope, data: Buffer): Promise<void> {
    if (this.#absence) return Promise.reject(this.#absence)
    const frames = framesOf(envelope, data)
    return new Promise((resolve, reject) => {
      const settle = (error: Error | undefined) => (error ? reject(this.#absence ?? this.#lost(error)) : resolve())
      for (const [i, frame] of frames.entries()) this.#outbox.push(frame, i === frames.length - 1 ? settle : undefined)
    })
  }

  /** Reads no further, so that the other can send no more than the system buffers; or reads on. */
  hold(held: boolean): void {
    if (held) this.#socket.pause()
    else this.#socket.resume()
  }

  abort(code: number): void {
    this.#socket.write(abortFrame(code))
  }

  /** Resolves once both have said goodbye; `alone`, at once and without a word. */
  async leave(alone: boolean): Promise<void> {
    this.hold(false)
    if (alone) {
      if (this.#socket.writableLength > 0) this.#socket.destroy()
      // A peer that stands still does not close its end: that is to hold no process up.
      this.#socket.end().unref()
      return
    }
    this.#outbox.push([goodbyeFrame()], () => this.#socket.end())
    await this.#gone.done
  }

  #lose(cause: Error | undefined): void {
    this.#end(this.#lost(cause), false)
  }

  #end(error: MpiError, left: boolean): void {
    if (this.#absence) return
    this.#absence = error
    this.#gone.resolve(undefined)
    this.#events.gone(error, left)
  }

  #lost(cause: Error | undefined): MpiError {
    const why = cause === undefined ? 'it closed its connection' : cause.message
    return new MpiError('lost', `rank ${this.#rank} is lost: ${why}`, undefined, { cause })
  }
}
