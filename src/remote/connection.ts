import { type Dispatcher, Pool } from 'undici'
import type { Origin } from './error-of.ts'
import type { RemoteOptions } from './options.ts'
import { REMOTE_DEFAULTS } from './options.ts'
import type { Reply } from './reply.ts'
import type { ServerUrl } from './server-url.ts'

/** Of a reply that is read whole. */
const MAX_REPLY_BYTES = 2 ** 28

/** A server and the connections to it, each of which is used again. */
export class Connection implements Origin {
  readonly #pool: Pool
  /** Private to the engine, so that no printed object shows it. */
  readonly #apiKey: string | undefined
  readonly #headers: Readonly<Record<string, string>>
  readonly #posting: Readonly<Record<string, string>>

  constructor(
    private readonly url: ServerUrl,
    apiKey: string | undefined,
    options: RemoteOptions,
  ) {
    this.#apiKey = apiKey
    const { connectTimeoutMs, idleTimeoutMs } = { ...REMOTE_DEFAULTS, ...options }
    this.#pool = new Pool(url.origin, {
      connections: options.connections ?? null,
      connectTimeout: connectTimeoutMs,
      headersTimeout: idleTimeoutMs,
      bodyTimeout: idleTimeoutMs,
      pipelining: 1,
    })
    this.#headers = { accept: 'application/json', ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }) }
    this.#posting = { ...this.#headers, 'content-type': 'application/json' }
  }

  get text(): string {
    return this.url.text
  }

  get hasKey(): boolean {
    return this.#apiKey !== undefined
  }

  redact(text: string): string {
    return this.#apiKey === undefined ? text : text.replaceAll(this.#apiKey, '***')
  }

  /** @param more headers of this request alone */
  post(
    path: string,
    body: string,
    more: Readonly<Record<string, string>> | undefined,
    handler: Dispatcher.DispatchHandler,
  ): void {
    const headers = more === undefined ? this.#posting : Object.assign({}, this.#posting, more)
    this.#pool.dispatch({ path: this.url.prefix + path, method: 'POST', headers, body }, handler)
  }

  /** Reads a whole reply, whatever its status. @throws what undici throws */
  async ask(path: string, body?: unknown, timeoutMs?: number): Promise<Reply> {
    const {
      statusCode,
      headers,
      body: reply,
    } = await this.#pool.request({
      path: this.url.prefix + path,
      method: body === undefined ? 'GET' : 'POST',
      headers: body === undefined ? this.#headers : this.#posting,
      body: body === undefined ? null : JSON.stringify(body),
      ...(timeoutMs !== undefined && { signal: AbortSignal.timeout(timeoutMs) }),
    })
    const parts: Buffer[] = []
    let bytes = 0
    for await (const part of reply as AsyncIterable<Buffer>) {
      bytes += part.length
      if (bytes > MAX_REPLY_BYTES) throw new Error(`the reply to ${path} has more than ${MAX_REPLY_BYTES} bytes`)
      parts.push(part)
    }
    return { status: statusCode, headers, text: Buffer.concat(parts).toString() }
  }

  /** Ends all that runs. */
  close(): Promise<void> {
    return this.#pool.destroy()
  }
}
