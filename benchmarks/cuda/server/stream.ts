import { connect, type Socket } from 'node:net'

/** In every event with text, and in no other. */
const EVENT = '"finish_reason":null'
const END = 'data: [DONE]'
const USAGE = /"completion_tokens":(\d+),/
/** Longer than any of them. */
const MARK = 64

/** One streamed completion over a connection of its own, read for as little as possible. */
export class Stream {
  /** When each event with text arrived, in ms. */
  readonly times: number[] = []
  sentAt = 0
  completionTokens = 0

  private constructor(private readonly socket: Socket) {}

  static connect(port: number): Promise<Stream> {
    return new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => resolve(new Stream(socket)))
      socket.setNoDelay(true).once('error', reject)
    })
  }

  /** Resolves at the answer's end. @throws unless it is a stream that ends as it should */
  run(request: string): Promise<void> {
    const { socket, times } = this
    return new Promise((resolve, reject) => {
      // What may be the beginning of a mark.
      let tail = ''
      let status = false
      socket.setEncoding('latin1')
      socket.on('data', (piece: string) => {
        const now = performance.now()
        if (!status) {
          status = true
          if (!piece.startsWith('HTTP/1.1 200')) reject(new Error(piece.slice(0, 500)))
        }
        const text = tail + piece
        let from = 0
        for (let at = text.indexOf(EVENT); at >= 0; at = text.indexOf(EVENT, from)) {
          times.push(now)
          from = at + EVENT.length
        }
        const usage = USAGE.exec(text)
        if (usage !== null) this.completionTokens = Number(usage[1])
        if (text.includes(END)) {
          socket.destroy()
          resolve()
        }
        tail = text.slice(Math.max(from, text.length - MARK))
      })
      socket.once('close', () => reject(new Error('the connection ended before the answer did')))
      socket.once('error', reject)
      this.sentAt = performance.now()
      socket.write(request)
    })
  }
}
