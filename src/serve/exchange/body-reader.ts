import type { IncomingMessage, ServerResponse } from 'node:http'
import { RefusedError } from '../errors/errors.ts'
import type { Settings } from '../settings.ts'
import { checkContentType } from './content-type.ts'

type Limits = Pick<Settings, 'maxBodyBytes' | 'bodyTimeoutMs'>

/** Bytes per second that must come on average, once the first `bodyTimeoutMs` are over. */
const LEAST_RATE = 1024

/** Reads the body of one request. */
export class BodyReader {
  readonly #beganAt = performance.now()
  #lastAt = this.#beganAt
  #length = 0
  #giveUp: ((error: Error) => void) | undefined

  constructor(
    private readonly incoming: IncomingMessage,
    private readonly outgoing: ServerResponse,
    private readonly limits: Limits,
  ) {}

  /**
   * All of it, of a type that is JSON.
   *
   * @throws RefusedError
   */
  async read(): Promise<Buffer> {
    const { incoming, limits } = this
    const { maxBodyBytes } = limits
    checkContentType(incoming.headers)
    if (Number(incoming.headers['content-length']) > maxBodyBytes) throw tooLarge(maxBodyBytes)
    // The client holds the body back until it knows that it will be read.
    if (incoming.headers.expect !== undefined && incoming.httpVersion === '1.1') this.outgoing.writeContinue()
    const chunks: Buffer[] = []
    await new Promise<void>((resolve, reject) => {
      this.#giveUp = reject
      incoming.on('data', (chunk: Buffer) => {
        this.#lastAt = performance.now()
        this.#length += chunk.length
        if (this.#length <= maxBodyBytes) chunks.push(chunk)
        else {
          // The rest flows by unread.
          chunks.length = 0
          reject(tooLarge(maxBodyBytes))
        }
      })
      incoming.once('end', resolve)
      incoming.once('error', reject)
      incoming.once('close', () => {
        if (!incoming.readableEnded) reject(new RefusedError('malformed_request', 'the body ended early'))
      })
    })
    return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, this.#length)
  }

  /** Gives up where nothing comes, or too little. */
  tick(now: number): void {
    const { bodyTimeoutMs } = this.limits
    const silentMs = now - this.#lastAt
    if (silentMs > bodyTimeoutMs) this.#giveUp?.(timedOut(`nothing of the body came for ${bodyTimeoutMs} ms`))
    const tookMs = now - this.#beganAt
    // One that has stopped is too slow as well: which of the two it is shall not be a matter of chance.
    const hasStopped = silentMs > bodyTimeoutMs / 2
    if (!hasStopped && tookMs > bodyTimeoutMs && this.#length < (LEAST_RATE * tookMs) / 1000)
      this.#giveUp?.(timedOut('the body comes at less than 1 KiB/s'))
  }
}

function tooLarge(maxBytes: number): RefusedError {
  return new RefusedError('body_too_large', `the body is larger than ${maxBytes / 2 ** 20} MiB`)
}

function timedOut(message: string): RefusedError {
  return new RefusedError('body_timeout', message, { Connection: 'close' })
}
