import { setMaxListeners } from 'node:events'
import { type IncomingHttpHeaders, type IncomingMessage, request as plain } from 'node:http'
import { request as secure } from 'node:https'
import { Failure, show } from '../check.ts'

export interface Sent {
  readonly method?: string
  /** Strings and bytes go as they are, all else as JSON. */
  readonly body?: unknown
  /** `undefined` leaves out one that would be sent otherwise. */
  readonly headers?: Readonly<Record<string, string | undefined>>
}

/** The head of an answer, and its body as it comes. */
export interface Opened {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: AsyncIterable<Buffer>
  /** Closes the connection. */
  abort(): void
}

/** A whole answer. */
export interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** A connection for each request, so that none is spoiled by what the one before it did. */
export class Client {
  constructor(
    readonly url: string,
    readonly key: string | undefined,
    private readonly signal: AbortSignal,
  ) {}

  /** The same server, asked with another key or none. */
  withKey(key: string | undefined): Client {
    return new Client(this.url, key, this.signal)
  }

  /** The same server, asked by somebody who leaves when `signal` says so. */
  leaving(signal: AbortSignal): Client {
    return new Client(this.url, this.key, either(this.signal, signal))
  }

  get(path: string, headers: Sent['headers'] = {}): Promise<Reply> {
    return this.send(path, { headers })
  }

  post(path: string, body: unknown, headers: Sent['headers'] = {}): Promise<Reply> {
    return this.send(path, { method: 'POST', body, headers })
  }

  async send(path: string, sent: Sent = {}): Promise<Reply> {
    const { status, headers, body } = await this.open(path, sent)
    const chunks: Buffer[] = []
    for await (const chunk of body) chunks.push(chunk)
    return { status, headers, text: Buffer.concat(chunks).toString() }
  }

  open(path: string, { method = 'GET', body, headers = {} }: Sent = {}): Promise<Opened> {
    const bytes =
      body === undefined
        ? undefined
        : typeof body === 'string' || body instanceof Uint8Array
          ? body
          : JSON.stringify(body)
    const all: Record<string, string | undefined> = {
      ...(bytes !== undefined && {
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(bytes)),
      }),
      ...(this.key !== undefined && { authorization: `Bearer ${this.key}` }),
      ...headers,
    }
    const set = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Record<
      string,
      string
    >
    const url = new URL(this.url + path)
    return new Promise((resolve, reject) => {
      const request = (url.protocol === 'https:' ? secure : plain)(url, {
        method,
        headers: set,
        agent: false,
        signal: this.signal,
      })
      request.on('response', (response: IncomingMessage) => {
        // Whoever reads the body is told of its errors; after an abort nobody reads.
        response.on('error', () => {})
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: response,
          abort: () => request.destroy(),
        })
      })
      request.on('error', reject)
      request.end(bytes)
    })
  }
}

/** As AbortSignal.any, whose signals Node 20 may collect before they are aborted. */
function either(one: AbortSignal, other: AbortSignal): AbortSignal {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  for (const signal of [one, other]) {
    const abort = () => controller.abort(signal.reason)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  }
  return controller.signal
}

/** The body as JSON. */
export function jsonOf(reply: Reply): unknown {
  try {
    return JSON.parse(reply.text)
  } catch {
    throw new Failure(`expected JSON, got status ${reply.status} with ${show(reply.text)}`)
  }
}
