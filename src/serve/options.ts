import type { Engine } from '../engine/index.ts'
import type { Family, Logger } from '../telemetry/index.ts'
import type { Access } from './access/access.ts'
import type { TlsOptions } from './connections/open-node-server.ts'
import type { Settings } from './settings.ts'

/** What is left out of {@link Settings} has the default of `SERVE_DEFAULTS`. */
export interface ServeOptions extends Partial<Settings> {
  /** May still be loading: the server listens at once and answers 503 until it is there. Stays the caller's to close. */
  readonly engine: Engine | Promise<Engine>
  /**
   * Opens the engine anew after it was lost, again and again until it succeeds, at longer and longer intervals; meanwhile
   * requests are answered as while loading. What it gives is the caller's to close. Default: a lost engine stays, and
   * `/health` says so.
   */
  readonly reopen?: () => Promise<Engine>
  /** Told when the engine is lost, and each time that opening it anew fails. */
  readonly onEngineFailure?: (reason: string) => void
  /** Default `127.0.0.1`. */
  readonly host?: string
  /** 0 takes any that is free. Default 8090. */
  readonly port?: number
  /** What clients call the model. Default: the engine's own name. */
  readonly model?: string
  /** Speaks TLS 1.2 or later, with this certificate. Default: plain HTTP. */
  readonly tls?: TlsOptions
  /**
   * Names, without a port, by which it may be called beside those of loopback. Default: no others on loopback, all where
   * others can reach it.
   */
  readonly allowedHosts?: readonly string[]
  /** Origins whose web pages may call it, e.g. `https://example.com`; `*` for all. Default: its own alone. */
  readonly corsOrigins?: readonly string[]
  /** Who may call. Default: whoever can reach the server. */
  readonly access?: Access
  /** Listen where others can reach it although nothing asks who calls. Default false. */
  readonly insecure?: boolean
  /** What `/metrics` tells beside the server's own, read at each scrape: e.g. a router's. Default: nothing. */
  readonly families?: () => readonly Family[]
  /** Never sees what a client sent, nor what it was answered. Default: nowhere. */
  readonly logger?: Logger
}
