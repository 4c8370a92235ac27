import type { Socket } from 'node:net'
import { escapeControls } from '../../escape-controls.ts'
import { MpiError } from '../errors.ts'

/** Longer than any list of addresses. */
const LIMIT = 2 ** 18
const QUOTED = 300

type Json = Readonly<Record<string, unknown>>

/**
 * JSON objects in turn, each behind its length, as long as two that are to be peers get to know each other. Reads no byte
 * further than what it was asked for, so that what follows is there for whoever takes over.
 */
export class Conversation {
  readonly socket: Socket
  /** Of whom the talk is in errors. */
  readonly #whom: string
  readonly #silenceMs: number
  #error: Error | undefined
  /** It is over, and ends by itself. */
  refused = false

  constructor(socket: Socket, silenceMs: number) {
    this.socket = socket
    this.#whom = `${socket.remoteAddress}:${socket.remotePort}`
    this.#silenceMs = silenceMs
    socket.setNoDelay(true)
    socket.on('error', error => {
      this.#error ??= error
    })
  }

  say(words: Json): void {
    const text = Buffer.from(JSON.stringify(words))
    const length = Buffer.alloc(4)
    length.writeUInt32BE(text.length)
    this.socket.write(Buffer.concat([length, text]))
  }

  /** @throws MpiError where the other is silent for too long, breaks off, refuses, or speaks something else */
  async hear(silenceMs = this.#silenceMs, late = `it was silent for ${silenceMs / 1000} s`): Promise<Json> {
    const timer = setTimeout(() => this.socket.destroy(new Error(late)), silenceMs)
    try {
      const length = (await this.#take(4)).readUInt32BE()
      if (length > LIMIT) throw new Error('it speaks another protocol')
      const words = objectIn((await this.#take(length)).toString())
      if (typeof words.refused === 'string') throw new Error(`it refuses: ${quoted(words.refused)}`)
      return words
    } catch (error) {
      this.socket.destroy()
      const why = (this.#error ?? (error as Error)).message
      throw new MpiError('unavailable', `${this.#whom}: ${why}`, undefined, { cause: error })
    } finally {
      clearTimeout(timer)
    }
  }

  /** Says why, and ends it. */
  refuse(why: string): MpiError {
    this.refused = true
    if (!this.socket.destroyed) {
      this.say({ refused: why })
      // What the other still says is read and dropped: unread bytes would reset the connection before it has heard why.
      this.socket.end().resume()
      this.socket.setTimeout(this.#silenceMs, () => this.socket.destroy()).unref()
    }
    return new MpiError('unavailable', `${this.#whom}: ${why}`)
  }

  async #take(bytes: number): Promise<Buffer> {
    for (;;) {
      if (this.#error) throw this.#error
      const taken: Buffer | null = bytes === 0 ? Buffer.alloc(0) : this.socket.read(bytes)
      if (taken?.length === bytes) return taken
      if (taken !== null || this.socket.readableEnded || this.socket.destroyed) throw new Error('it broke off')
      await new Promise<void>(resolve => {
        const events = ['readable', 'end', 'close'] as const
        const go = () => {
          for (const event of events) this.socket.off(event, go)
          resolve()
        }
        for (const event of events) this.socket.on(event, go)
      })
    }
  }
}

function objectIn(text: string): Json {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json
  } catch {}
  throw new Error('it speaks another protocol')
}

/** Whoever it is that says it: harmless in a terminal, and short. */
function quoted(text: string): string {
  return escapeControls(text.slice(0, QUOTED))
}
