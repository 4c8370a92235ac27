import type { TlsOptions } from './connections/open-node-server.ts'

/** What `serve` gives. */
export interface Server {
  /** Without a slash at the end, e.g. `http://127.0.0.1:8090`. */
  readonly url: string
  /** Resolves when the engine is there; throws what loading threw. */
  ready(): Promise<void>
  /**
   * New connections get this certificate from now on.
   *
   * @throws InvalidOptionError where the server speaks no TLS
   */
  setTls(tls: TlsOptions): void
  /** Takes no more requests, lets running ones end within `drainTimeoutMs`, then cuts them off. Idempotent. */
  close(): Promise<void>
}
