import { createServer as createHttpServer, type Server as HttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https'
import { createSecureContext } from 'node:tls'
import { InvalidOptionError } from '../errors/errors.ts'
import type { Settings } from '../settings.ts'

/** PEM: the certificate with those that vouch for it, and its private key. */
export interface TlsOptions {
  readonly cert: string | Buffer
  readonly key: string | Buffer
}

/** How often Node looks for connections that take too long, in ms, at least. */
const CHECK_MS = 2000

/** Node's server with our bounds. Whoever connects has to hurry, in TLS's handshake as in the headers. */
export function openNodeServer(
  tls: TlsOptions | undefined,
  settings: Settings,
  answer: RequestListener,
): HttpServer | HttpsServer {
  const { headersTimeoutMs, requestTimeoutMs, keepAliveMs, maxHeaderBytes, maxConnections } = settings
  const options = {
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: Math.min(CHECK_MS, headersTimeoutMs / 4),
    maxHeaderSize: maxHeaderBytes,
    // Node's own words for this would be none.
    requireHostHeader: false,
  }
  const server =
    tls === undefined
      ? createHttpServer(options, answer)
      : createHttpsServer({ ...options, ...secureContextOf(tls), handshakeTimeout: headersTimeoutMs }, answer)
  // The default is to drop, without a word, all headers after the thousandth; their total size is bounded anyway.
  server.maxHeadersCount = 0
  server.maxConnections = maxConnections
  return server
}

/**
 * What a certificate is used with.
 *
 * @throws InvalidOptionError
 */
export function secureContextOf({ cert, key }: TlsOptions) {
  const options = { cert, key, minVersion: 'TLSv1.2' } as const
  try {
    createSecureContext(options)
  } catch (error) {
    const words = `the certificate and its key cannot be used: ${(error as Error).message}`
    throw new InvalidOptionError(words, { cause: error })
  }
  return options
}
