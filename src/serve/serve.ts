import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server as NodeServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Engine, EngineInfo } from '../engine/index.ts'
import { createApp } from './app.ts'
import { EngineSlot } from './engine-slot.ts'
import { errorReply } from './errors/error-reply.ts'
import { InsecureBindError, ListenError, RefusedError } from './errors/errors.ts'
import { Exchange, type Host } from './exchange/exchange.ts'
import { guard, isLoopback } from './exchange/guard.ts'

export interface ServeOptions {
  /** May still be loading: the server listens at once and answers 503 until it is there. Stays the caller's to close. */
  readonly engine: Engine | Promise<Engine>
  /** Default `127.0.0.1`. */
  readonly host?: string
  /** 0 takes any that is free. Default 8090. */
  readonly port?: number
  /** What clients call the model. Default: the engine's own name. */
  readonly model?: string
  /** How long `close` waits for running requests, in ms. Default 30 000. */
  readonly drainTimeoutMs?: number
  /** Listen where others can reach it although nothing asks who calls. Default false. */
  readonly insecure?: boolean
  /** One line for each thing that the operator should know; never what a client sent. Default: nowhere. */
  readonly log?: (line: string) => void
}

export interface Server {
  /** Without a slash at the end, e.g. `http://127.0.0.1:8090`. */
  readonly url: string
  /** Resolves when the engine is there; throws what loading threw. */
  ready(): Promise<void>
  /** Takes no more requests, lets running ones end within `drainTimeoutMs`, then cuts them off. Idempotent. */
  close(): Promise<void>
}

/** How long requests that were cut off may take to tell their clients, in ms. */
const FAREWELL_MS = 1000

/**
 * Serves an engine over HTTP. Resolves when it listens, which may be before the engine is there.
 *
 * @throws InsecureBindError, ListenError
 *
 * @example
 * const server = await serve({ engine: createMockEngine(), port: 0 })
 * await fetch(`${server.url}/health`)
 */
export async function serve(options: ServeOptions): Promise<Server> {
  const { host = '127.0.0.1', port = 8090, insecure = false } = options
  if (!isLoopback(host) && !insecure) throw new InsecureBindError(host)
  const server = new HttpServer(options, isLoopback(host))
  await server.listen(host, port)
  return server
}

class HttpServer implements Server, Host {
  readonly startedAt = Math.floor(Date.now() / 1000)
  readonly log: (line: string) => void
  readonly #node: NodeServer
  readonly #slot: EngineSlot
  /** Those that are being answered. */
  readonly #exchanges = new Map<IncomingMessage, Exchange>()
  readonly #drainTimeoutMs: number
  #url = ''
  cutting = false
  #onIdle: (() => void) | undefined
  #closing: Promise<void> | undefined

  constructor(
    private readonly options: ServeOptions,
    private readonly loopbackOnly: boolean,
  ) {
    this.log = options.log ?? (() => undefined)
    this.#drainTimeoutMs = options.drainTimeoutMs ?? 30_000
    this.#slot = new EngineSlot(options.engine)
    this.#slot.ready().catch((error: unknown) => this.log(`loading failed: ${(error as Error).message}`))
    const app = createApp()
    const route = getRequestListener(
      (request, { incoming }) => app.fetch(request, this.#exchanges.get(incoming as IncomingMessage)),
      // A library does not replace its user's Request and Response.
      { overrideGlobalObjects: false, hostname: 'localhost', errorHandler: noUrl },
    )
    this.#node = createServer(
      // Connections are kept for longer than load balancers keep theirs (60 s), so that none is closed as it is used again.
      { headersTimeout: 10_000, requestTimeout: 300_000, keepAliveTimeout: 65_000 },
      (incoming, outgoing) => {
        const exchange = this.#open(incoming, outgoing)
        try {
          if (this.#closing)
            throw new RefusedError('shutting_down', 'the server is shutting down', { Connection: 'close' })
          guard(incoming, this.loopbackOnly)
        } catch (error) {
          exchange.error(error)
          return
        }
        void route(incoming, outgoing)
      },
    )
    // The default is to drop, without a word, all headers after the thousandth; their total size is bounded anyway.
    this.#node.maxHeadersCount = 0
  }

  get url(): string {
    return this.#url
  }

  engine(): Engine {
    return this.#slot.engine()
  }

  get info(): EngineInfo | undefined {
    return this.#slot.loaded?.info
  }

  get model(): string | undefined {
    return this.options.model ?? this.info?.model
  }

  async listen(host: string, port: number): Promise<void> {
    this.#node.listen(port, host.replace(/^\[(.*)\]$/, '$1'))
    try {
      await once(this.#node, 'listening')
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      const cause = code === 'EADDRINUSE' ? `port ${port} is taken: choose another, or 0 for any` : message
      throw new ListenError(`cannot listen on ${host}: ${cause}`, { cause: error })
    }
    // Such as having no file descriptors left to accept with, which passes.
    this.#node.on('error', error => this.log(`listening: ${error.message}`))
    const { address, family, port: actual } = this.#node.address() as AddressInfo
    this.#url = `http://${family === 'IPv6' ? `[${address}]` : address}:${actual}`
    this.log(`listening on ${this.#url}`)
  }

  ready(): Promise<void> {
    return this.#slot.ready()
  }

  close(): Promise<void> {
    this.#closing ??= this.#drain()
    return this.#closing
  }

  async #drain(): Promise<void> {
    const closed = once(this.#node, 'close')
    this.#node.close()
    if (!(await this.#idleWithin(this.#drainTimeoutMs))) {
      this.log(`${this.#exchanges.size} requests did not end within ${this.#drainTimeoutMs} ms and are cut off`)
      this.cutting = true
      for (const exchange of this.#exchanges.values()) exchange.abort()
      await this.#idleWithin(FAREWELL_MS)
    }
    this.#node.closeAllConnections()
    await closed
  }

  #open(incoming: IncomingMessage, outgoing: ServerResponse): Exchange {
    const exchange = new Exchange(incoming, outgoing, this)
    this.#exchanges.set(incoming, exchange)
    outgoing.once('close', () => {
      this.#exchanges.delete(incoming)
      if (this.#exchanges.size === 0) this.#onIdle?.()
    })
    return exchange
  }

  #idleWithin(ms: number): Promise<boolean> {
    if (this.#exchanges.size === 0) return Promise.resolve(true)
    return new Promise(resolve => {
      const timer = setTimeout(resolve, ms, false)
      this.#onIdle = () => {
        clearTimeout(timer)
        resolve(true)
      }
    })
  }
}

/** A target that is no URL, found by the adaptor. */
function noUrl(): Response {
  const { status, body } = errorReply(new RefusedError('malformed_request', 'the request target is no URL'))
  return Response.json(body, { status })
}
