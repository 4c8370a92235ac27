import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server as NodeServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Admission, type Capacity } from '../admission/index.ts'
import type { Engine, EngineInfo } from '../engine/index.ts'
import { type Logger, noLogger } from '../telemetry/index.ts'
import { type Access, openAccess } from './access/access.ts'
import { capacityOf } from './capacity.ts'
import { EngineSlot } from './engine-slot.ts'
import { ListenError, RefusedError } from './errors/errors.ts'
import { Exchange } from './exchange/exchange.ts'
import { guard } from './exchange/guard.ts'
import { hearOut } from './exchange/hear-out.ts'
import type { Host } from './host.ts'
import { ServerMetrics } from './metrics/server-metrics.ts'
import type { ServeOptions } from './options.ts'
import { RouteTable } from './routes/route-table.ts'
import { ROUTES } from './routes/routes.ts'
import type { Server } from './serve.ts'
import { type Settings, settingsOf } from './settings.ts'

/** How long requests that were cut off may take to tell their clients, in ms. */
const FAREWELL_MS = 1000
/** How often slow clients are looked after, in ms. */
const TICK_MS = 1000

export class HttpServer implements Server, Host {
  readonly startedAt = Math.floor(Date.now() / 1000)
  readonly settings: Settings
  readonly metrics = new ServerMetrics()
  readonly admission: Admission
  readonly logger: Logger
  readonly #node: NodeServer
  readonly #slot: EngineSlot
  readonly #access: Access
  readonly #routes = new RouteTable(ROUTES)
  readonly #exchanges = new Set<Exchange>()
  #url = ''
  #onIdle: (() => void) | undefined
  #closing: Promise<void> | undefined

  constructor(
    private readonly options: ServeOptions,
    private readonly loopbackOnly: boolean,
  ) {
    this.settings = settingsOf(options)
    this.logger = options.logger ?? noLogger
    this.#access = options.access ?? openAccess
    this.#slot = new EngineSlot(options.engine)
    this.#slot.ready().catch((error: unknown) => this.logger.error({}, `loading failed: ${(error as Error).message}`))
    const { queueTokens, queueTimeMs } = this.settings
    this.admission = new Admission({ queueTokens, queueTimeMs, capacity: () => this.#capacity() })
    this.#node = createServer(
      // Connections are kept for longer than load balancers keep theirs (60 s), so that none is closed as it is used again.
      { headersTimeout: 10_000, requestTimeout: 300_000, keepAliveTimeout: 65_000, connectionsCheckingInterval: 2000 },
      (incoming, outgoing) => void this.#answer(incoming, outgoing),
    )
    // The default is to drop, without a word, all headers after the thousandth; their total size is bounded anyway.
    this.#node.maxHeadersCount = 0
    this.#node.maxConnections = this.settings.maxConnections
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

  get draining(): boolean {
    return this.#closing !== undefined
  }

  get engineFailure(): string | undefined {
    if (this.#slot.failed) return 'the model could not be loaded'
    const health = this.#slot.loaded?.health()
    return health === undefined || health.status === 'ready' ? undefined : (health.reason ?? health.status)
  }

  get exchanges(): Iterable<Exchange> {
    return this.#exchanges
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
    this.#node.on('error', error => this.logger.error({}, `listening: ${error.message}`))
    const { address, family, port: actual } = this.#node.address() as AddressInfo
    this.#url = `http://${family === 'IPv6' ? `[${address}]` : address}:${actual}`
    this.logger.info({}, `listening on ${this.#url}`)
    const tick = setInterval(() => this.#tick(), TICK_MS).unref()
    this.#node.once('close', () => clearInterval(tick))
  }

  ready(): Promise<void> {
    return this.#slot.ready()
  }

  close(): Promise<void> {
    this.#closing ??= this.#drain()
    return this.#closing
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const exchange = this.#open(incoming, outgoing)
    try {
      if (this.#closing) throw new RefusedError('shutting_down', 'the server is shutting down', { Connection: 'close' })
      const path = guard(incoming, this.loopbackOnly)
      const { route, parameter } = this.#routes.find(incoming.method!, path)
      exchange.route = route
      exchange.caller = this.#access.identify(incoming, route.scope)
      // Fields are read only once there is an engine to read them for.
      if (!route.whileLoading) this.engine()
      await route.handle(exchange, parameter)
    } catch (error) {
      exchange.error(error)
    }
  }

  #open(incoming: IncomingMessage, outgoing: ServerResponse): Exchange {
    const exchange = new Exchange(incoming, outgoing, this)
    this.#exchanges.add(exchange)
    outgoing.once('finish', () => hearOut(incoming))
    outgoing.once('close', () => {
      exchange.closed()
      this.#exchanges.delete(exchange)
      if (this.#exchanges.size === 0) this.#onIdle?.()
    })
    return exchange
  }

  #capacity(): Capacity {
    return capacityOf(this.#slot.loaded)
  }

  #tick(): void {
    const now = performance.now()
    for (const exchange of this.#exchanges) exchange.tick(now)
  }

  async #drain(): Promise<void> {
    const closed = once(this.#node, 'close')
    this.#node.close()
    const { drainTimeoutMs } = this.settings
    if (!(await this.#idleWithin(drainTimeoutMs))) {
      this.logger.warn({}, `${this.#exchanges.size} requests did not end within ${drainTimeoutMs} ms and are cut off`)
      const words = 'the server is shutting down and did not wait for this request to end'
      for (const exchange of this.#exchanges) exchange.abort(new RefusedError('shutting_down', words))
      await this.#idleWithin(FAREWELL_MS)
    }
    this.#node.closeAllConnections()
    await closed
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
