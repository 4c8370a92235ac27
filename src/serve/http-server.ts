import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { Admission, type Capacity } from '../admission/index.ts'
import { systemClock } from '../clock/index.ts'
import { Roster } from '../collections/index.ts'
import type { Engine, EngineInfo } from '../engine/index.ts'
import { type Logger, noLogger } from '../telemetry/index.ts'
import { type Access, openAccess } from './access/access.ts'
import { capacityOf } from './capacity.ts'
import { endBadConnection } from './connections/bad-connections.ts'
import { dismiss } from './connections/dismiss.ts'
import { openNodeServer, secureContextOf, type TlsOptions } from './connections/open-node-server.ts'
import { Rarely } from './connections/rarely.ts'
import { EngineSlot } from './engine-slot.ts'
import { InvalidOptionError, ListenError, RefusedError } from './errors/errors.ts'
import { Exchange } from './exchange/exchange.ts'
import { guard } from './exchange/guard.ts'
import { hearOut } from './exchange/hear-out.ts'
import { HostRule } from './exchange/host-rule.ts'
import { isPreflight, OriginRule, preflightHeaders } from './exchange/origin-rule.ts'
import type { Host } from './host.ts'
import { Exposition } from './metrics/exposition.ts'
import { ServerMetrics } from './metrics/server-metrics.ts'
import type { ServeOptions } from './options.ts'
import { RouteTable } from './routes/route-table.ts'
import { ROUTES } from './routes/routes.ts'
import type { Server } from './server.ts'
import { type Settings, settingsOf } from './settings.ts'

/** How long requests that were cut off may take to tell their clients, in ms. */
const FAREWELL_MS = 1000
/** How often slow clients are looked after, in ms, at least. */
const TICK_MS = 1000

export class HttpServer implements Server, Host {
  readonly startedAt = Math.floor(Date.now() / 1000)
  readonly settings: Settings
  readonly metrics = new ServerMetrics()
  readonly admission: Admission
  readonly logger: Logger
  readonly #node: ReturnType<typeof openNodeServer>
  readonly #slot: EngineSlot
  readonly #access: Access
  readonly #hosts: HostRule
  readonly #origins: OriginRule
  readonly #routes = new RouteTable(ROUTES)
  readonly #exchanges = new Roster<Exchange>()
  readonly #exposition: Exposition
  #url = ''
  #onIdle: (() => void) | undefined
  #closing: Promise<void> | undefined

  constructor(
    private readonly options: ServeOptions,
    loopbackOnly: boolean,
  ) {
    this.settings = settingsOf(options)
    this.logger = options.logger ?? noLogger
    this.#access = options.access ?? openAccess
    this.#slot = new EngineSlot(options.engine, {
      clock: systemClock,
      reopen: options.reopen,
      onFailure: reason => {
        this.logger.error({}, `the engine is lost: ${reason}`)
        options.onEngineFailure?.(reason)
      },
    })
    this.#exposition = new Exposition(this, undefined, options.families)
    this.#slot.ready().catch((error: unknown) => this.logger.error({}, `loading failed: ${(error as Error).message}`))
    const { queueTokens, queueTimeMs } = this.settings
    this.admission = new Admission({ queueTokens, queueTimeMs, capacity: () => this.#capacity() })
    this.#hosts = new HostRule({ loopbackOnly, allowedHosts: options.allowedHosts })
    this.#origins = new OriginRule(options.corsOrigins ?? [])
    this.#node = openNodeServer(options.tls, this.settings, (incoming, outgoing) => this.#answer(incoming, outgoing))
    this.#watchConnections()
  }

  get url(): string {
    return this.#url
  }

  engine(): Engine {
    return this.#slot.engine()
  }

  get loaded(): Engine | undefined {
    return this.#slot.loaded
  }

  get info(): EngineInfo | undefined {
    return this.#slot.loaded?.info
  }

  get model(): string | undefined {
    return this.options.model ?? this.info?.model
  }

  get asksForKeys(): boolean {
    return this.#access.asksForKeys
  }

  get draining(): boolean {
    return this.#closing !== undefined
  }

  get engineFailure(): string | undefined {
    return this.#slot.failure
  }

  get exchanges(): Iterable<Exchange> {
    return this.#exchanges
  }

  async expose(): Promise<string> {
    return this.#exposition.text(
      await new Promise<number>(resolve => this.#node.getConnections((_, n) => resolve(n ?? 0))),
    )
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
    const { address, family, port: actual } = this.#node.address() as AddressInfo
    const scheme = this.options.tls === undefined ? 'http' : 'https'
    this.#url = `${scheme}://${family === 'IPv6' ? `[${address}]` : address}:${actual}`
    // Such as having no file descriptors left to accept with, which passes.
    const failures = new Rarely(systemClock, times =>
      this.logger.error({ times }, 'a connection could not be accepted'),
    )
    this.#node.on('error', () => failures.add())
    this.logger.info({}, `listening on ${this.#url}`)
    const { bodyTimeoutMs, writeTimeoutMs, pingMs } = this.settings
    const tickMs = Math.min(TICK_MS, Math.min(bodyTimeoutMs, writeTimeoutMs, pingMs) / 4)
    const tick = setInterval(() => this.#tick(), tickMs).unref()
    this.#node.once('close', () => clearInterval(tick))
  }

  ready(): Promise<void> {
    return this.#slot.ready()
  }

  close(): Promise<void> {
    this.#closing ??= this.#drain()
    return this.#closing
  }

  setTls(tls: TlsOptions): void {
    if (this.options.tls === undefined) throw new InvalidOptionError('this server was not opened with TLS')
    ;(this.#node as HttpsServer).setSecureContext(secureContextOf(tls))
  }

  async #answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const exchange = this.#open(incoming, outgoing)
    if (exchange.connection.isCrowded) {
      incoming.socket.destroy()
      return
    }
    try {
      const turn = exchange.connection.turn()
      if (turn) {
        await turn
        exchange.signal.throwIfAborted()
      }
      const path = guard(incoming, this.#hosts)
      this.#origins.check(incoming, outgoing)
      if (this.#closing) throw new RefusedError('shutting_down', 'the server is shutting down', { Connection: 'close' })
      if (incoming.method === 'OPTIONS' && this.#tellOptions(exchange, path)) return
      const found = this.#routes.find(incoming.method!, path)
      exchange.route = found?.route
      exchange.beginTrace()
      // Who has no key does not learn which paths there are.
      exchange.caller = this.#access.identify(incoming, found?.route.scope ?? 'user')
      if (found === undefined) throw this.#routes.refusal(incoming.method!, path)
      const { route, parameter } = found
      // Fields are read only once there is an engine to read them for.
      if (!route.whileLoading) this.engine()
      await route.handle(exchange, parameter)
    } catch (error) {
      exchange.error(error)
    }
  }

  /** Browsers ask without a key. */
  #tellOptions(exchange: Exchange, path: string): boolean {
    const { incoming, outgoing } = exchange
    const methods = this.#routes.methods(path)
    if (methods.length === 0) return false
    const allow = { Allow: [...methods, 'OPTIONS'].join(', ') }
    exchange.head(204, isPreflight(incoming) ? preflightHeaders(incoming, methods) : allow)
    outgoing.end()
    return true
  }

  #watchConnections(): void {
    const node = this.#node
    // With a listener it is the body's reader who says "continue".
    node.on('checkContinue', (incoming, outgoing) => this.#answer(incoming, outgoing))
    node.on('checkExpectation', (incoming, outgoing) => this.#answer(incoming, outgoing))
    node.on('connect', (_, socket: Socket) =>
      dismiss(socket, new RefusedError('method_not_allowed', 'this is no proxy')),
    )
    node.on('clientError', (error, socket: Socket) => endBadConnection(error, socket))
    const { maxConnections } = this.settings
    const dropped = new Rarely(systemClock, times =>
      this.logger.warn({ maxConnections, times }, 'connections were dropped: there are as many as may be'),
    )
    node.on('drop', () => dropped.add())
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
    this.#slot[Symbol.dispose]()
    const { drainTimeoutMs } = this.settings
    if (!(await this.#idleWithin(drainTimeoutMs))) {
      this.logger.warn({}, `${this.#exchanges.size} requests did not end within ${drainTimeoutMs} ms and are cut off`)
      const words = 'the server is shutting down and did not wait for this request to end'
      for (const exchange of this.#exchanges) exchange.abort(new RefusedError('shutting_down', words))
      await this.#idleWithin(FAREWELL_MS)
    }
    this.#node.closeAllConnections()
    await closed
    this.#exposition[Symbol.dispose]()
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
