import type { IncomingMessage, ServerResponse } from 'node:http'
import { InvalidOptionError, RefusedError } from '../errors/errors.ts'

/** As browsers write it: scheme, host and, unless it is the scheme's own, port. */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^\sA-Z/?#@]+$/
const HEADER_NAMES = /^[\w!#$%&'*+.^`|~, -]{1,1024}$/

const EXPOSED =
  'X-Request-Id, Retry-After, Retry-After-Ms, Server-Timing, X-Warpline-Upstream, X-Warpline-Overhead-Ms, traceparent'
/** How long a browser may rely on the answer to a preflight, in seconds. */
const MAX_AGE = '600'

/**
 * From which web pages browsers may call: from the server's own, and from the origins that were chosen. A browser tells
 * where a request comes from; other clients say nothing of it.
 */
export class OriginRule {
  readonly #allowed: ReadonlySet<string>
  readonly #any: boolean

  /** @throws InvalidOptionError */
  constructor(corsOrigins: readonly string[]) {
    for (const origin of corsOrigins)
      if (origin !== '*' && !ORIGIN.test(origin))
        throw new InvalidOptionError(
          `${JSON.stringify(origin)} is no origin: write it as browsers do, e.g. https://example.com, or * for all`,
        )
    this.#allowed = new Set(corsOrigins)
    this.#any = this.#allowed.has('*')
  }

  /**
   * Lets the answer be read where the request comes from.
   *
   * @throws RefusedError for a request from anywhere else
   */
  check({ headers }: IncomingMessage, outgoing: ServerResponse): void {
    if (this.#allowed.size > 0) outgoing.setHeader('Vary', 'Origin')
    const { origin } = headers
    if (origin === undefined || isOwn(origin, headers.host)) return
    if (!this.#any && !this.#allowed.has(origin))
      throw new RefusedError('forbidden_origin', 'pages of this origin may not call this server')
    outgoing.setHeader('Access-Control-Allow-Origin', origin)
    outgoing.setHeader('Access-Control-Expose-Headers', EXPOSED)
  }
}

/** The scheme may be another: a proxy may speak TLS for us. */
function isOwn(origin: string, host: string | undefined): boolean {
  const at = origin.indexOf('://')
  return at > 0 && host !== undefined && origin.slice(at + 3) === host.toLowerCase()
}

/** Whether it is a browser's question for leave to send another request. */
export function isPreflight({ headers }: IncomingMessage): boolean {
  return headers.origin !== undefined && headers['access-control-request-method'] !== undefined
}

/** What a preflight is told beside the origin. */
export function preflightHeaders({ headers }: IncomingMessage, methods: readonly string[]): Record<string, string> {
  const asked = headers['access-control-request-headers']
  return {
    'Access-Control-Allow-Methods': methods.join(', '),
    ...(asked !== undefined && HEADER_NAMES.test(asked) && { 'Access-Control-Allow-Headers': asked }),
    'Access-Control-Max-Age': MAX_AGE,
  }
}
