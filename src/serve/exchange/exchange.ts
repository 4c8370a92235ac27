import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { AbortedError, type Engine, type EngineInfo } from '../../engine/index.ts'
import { errorReply } from '../errors/error-reply.ts'
import { RefusedError } from '../errors/errors.ts'

/** What routes know of the server. */
export interface Host {
  /** @throws while it is loading, and when loading failed */
  engine(): Engine
  /** Undefined where there is no engine (yet). */
  readonly info: EngineInfo | undefined
  /** As clients see it; undefined while it is loading and no name was given. */
  readonly model: string | undefined
  /** Seconds since 1970. */
  readonly startedAt: number
  /** The time to drain is over: what still runs is being cut off. */
  readonly cutting: boolean
  log(line: string): void
}

/** Of visible ASCII, so that it can go into a header and a line of a log as it is. */
const REQUEST_ID = /^[\x21-\x7e]{1,128}$/

/** One request and its answer, which goes to the Node response as it is: a `Response` would cost more than the rest. */
export class Exchange {
  /** The client's `X-Request-Id`, or one made here. */
  readonly requestId: string
  readonly #controller = new AbortController()

  constructor(
    readonly incoming: IncomingMessage,
    readonly outgoing: ServerResponse,
    readonly host: Host,
  ) {
    const given = incoming.headers['x-request-id']
    this.requestId = typeof given === 'string' && REQUEST_ID.test(given) ? given : `req-${randomUUID()}`
    outgoing.setHeader('X-Request-Id', this.requestId)
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) this.abort()
    })
  }

  /** Aborted when nobody waits for the answer any more: the client left, it failed, or the server stops. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  abort(): void {
    this.#controller.abort()
  }

  json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
    const { outgoing } = this
    if (outgoing.headersSent || outgoing.destroyed) return
    const bytes = Buffer.from(JSON.stringify(body))
    outgoing.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': bytes.length, ...headers })
    outgoing.end(bytes)
  }

  error(error: unknown): void {
    const { status, headers, body } = errorReply(this.causeOf(error))
    this.log(error)
    this.json(status, body, headers)
  }

  /** An abort that is the server's own doing is told as that. */
  causeOf(error: unknown): unknown {
    if (!(error instanceof AbortedError && this.host.cutting)) return error
    return new RefusedError('shutting_down', 'the server is shutting down and did not wait for this request to end')
  }

  /** Writes down what went wrong on this side; a client is not told all of it. */
  log(error: unknown): void {
    const { status } = errorReply(error)
    const refused = error instanceof RefusedError || error instanceof AbortedError
    if (refused || status < 500 || status === 501) return
    const cause = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    this.host.log(`${this.requestId} ${status} ${cause.replace(/\p{Cc}+/gu, ' ')}`)
  }
}
