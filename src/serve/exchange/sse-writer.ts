import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { encodingOf } from './encoding-of.ts'
import { flushSoon, type Sender } from './outbox.ts'

const HEADERS = {
  'Content-Type': 'text/event-stream',
  'Cache-Control': 'no-cache',
  // nginx would collect the stream otherwise.
  'X-Accel-Buffering': 'no',
}

/** So many characters do not wait for the end of the turn. */
const MUCH = 2 ** 16

/** A comment, which clients skip: it shows proxies that somebody is still there. */
const PING = ': ping\n\n'

/**
 * Server-sent events on a Node response.
 *
 * Frames go to the socket as chunks that are made here: through the response, each would be several writes and cost
 * half as much again.
 */
export class SseWriter implements Sender {
  #frames = ''
  /** The head is made and goes with the first frames, in one write. */
  #owesHead = false
  #writtenAt = 0
  #stuckSince: number | undefined
  #goOn: (() => void) | undefined
  #ended = false

  /** `head` sends the status and these headers. */
  constructor(
    private readonly outgoing: ServerResponse,
    private readonly head: (headers: Readonly<Record<string, string>>) => void,
  ) {}

  get opened(): boolean {
    return this.outgoing.headersSent
  }

  /** Since when the client has not taken what was written, by `performance.now()`; undefined while it keeps up. */
  get stuckSince(): number | undefined {
    return this.#stuckSince
  }

  /** The status is 200 from here on. */
  open(headers: Readonly<Record<string, string>> = {}): void {
    if (this.opened || this.outgoing.destroyed) return
    this.head({ ...HEADERS, ...headers })
    this.#owesHead = true
    if (this.#frames === '') flushSoon(this)
    this.#writtenAt = performance.now()
    this.outgoing.once('close', () => this.#release())
  }

  /** Sends frames with this turn's others. Returns what to wait for before the next where the client is behind. */
  push(frames: string): Promise<void> | undefined {
    if (frames !== '' && !this.outgoing.destroyed) {
      if (this.#frames === '' && !this.#owesHead) flushSoon(this)
      this.#frames += frames
      if (this.#frames.length > MUCH) this.flush()
    }
    if (this.#stuckSince === undefined) return undefined
    return new Promise(resolve => {
      const others = this.#goOn
      this.#goOn = () => {
        others?.()
        resolve()
      }
    })
  }

  flush(): void {
    if (this.outgoing.destroyed) return
    if (this.#owesHead) this.#flushHead()
    else if (this.#frames !== '') this.#flushFrames()
  }

  #flushHead(): void {
    const { socket } = this.outgoing
    this.#owesHead = false
    socket?.cork()
    this.outgoing.flushHeaders()
    if (this.#frames !== '') this.#flushFrames()
    socket?.uncork()
  }

  #flushFrames(): void {
    const frames = this.#frames
    this.#frames = ''
    this.#writtenAt = performance.now()
    const { socket } = this.outgoing
    // While an earlier request's answer is still on its way, the response keeps what it is given.
    const ready =
      socket && this.outgoing.chunkedEncoding ? writeChunk(socket, frames) : (socket ?? this.outgoing).write(frames)
    if (!ready && this.#stuckSince === undefined) this.#waitForDrain(socket ?? undefined)
  }

  /** Sends a ping where nothing was sent for `ms`. */
  pingAfter(ms: number, now: number): void {
    if (!this.opened || this.#ended || this.#stuckSince !== undefined || now - this.#writtenAt < ms) return
    void this.push(PING)
  }

  end(frames: string): void {
    if (this.outgoing.destroyed || this.#ended) return
    this.open()
    void this.push(frames)
    this.#ended = true
    const { socket } = this.outgoing
    socket?.cork()
    this.flush()
    this.outgoing.end()
    socket?.uncork()
  }

  #waitForDrain(socket: Socket | undefined): void {
    this.#stuckSince = this.#writtenAt
    ;(socket ?? this.outgoing).once('drain', () => this.#release())
  }

  #release(): void {
    this.#stuckSince = undefined
    const goOn = this.#goOn
    this.#goOn = undefined
    goOn?.()
  }
}

function writeChunk(socket: Socket, frames: string): boolean {
  const bytes = Buffer.byteLength(frames)
  return socket.write(`${bytes.toString(16)}\r\n${frames}\r\n`, encodingOf(frames, bytes))
}
