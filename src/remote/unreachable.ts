import { type EngineError, UnreachableError } from '../engine/index.ts'
import { type Origin, quoted } from './error-of.ts'
import { isObject, type Json } from './reply.ts'

const UNTRUSTED = 'its certificate is not trusted: NODE_EXTRA_CA_CERTS names a file of more that are'
const BROKEN = 'it broke the connection off'

/** The ways in which a connection fails, by undici's and the system's codes. */
const FAILURES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the host’s name cannot be looked up',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  ETIMEDOUT: 'the connection was not taken in time',
  UND_ERR_CONNECT_TIMEOUT: 'the connection was not taken in time',
  UND_ERR_HEADERS_TIMEOUT: 'it took the request and stayed silent',
  UND_ERR_BODY_TIMEOUT: 'it fell silent within its answer',
  ECONNRESET: BROKEN,
  EPIPE: BROKEN,
  UND_ERR_SOCKET: BROKEN,
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'it broke its answer off',
  HTTPParserError: 'what it answers is no HTTP',
  EPROTO: 'it speaks no TLS: try http://',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it speaks no TLS: try http://',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is another host’s',
  ABORT_ERR: 'it did not answer in time',
}

/** Nobody was reached, or nothing of an answer can have begun: asking again does no harm. */
const HARMLESS = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_SOCKET',
])

/** Whether a request that failed so before any answer may be sent again. */
export function isHarmless(error: unknown): boolean {
  return HARMLESS.has(codeOf(error))
}

/** The contract's error for what undici or the system says. */
export function unreachable(error: unknown, origin: Origin): EngineError {
  const code = codeOf(error)
  const why = FAILURES[code] ?? quoted(error instanceof Error ? error.message : String(error), origin)
  return new UnreachableError(`${origin.text}: ${why}${code && ` (${code})`}`, { cause: error })
}

/** Of a host with several addresses, each of which failed, that of the first. */
function codeOf(error: unknown): string {
  const { code, name, errors, cause } = (isObject(error) ? error : {}) as Json
  if (name === 'TimeoutError') return 'ABORT_ERR'
  if (typeof code === 'string') return code
  if (name === 'HTTPParserError') return name
  if (Array.isArray(errors) && errors.length > 0) return codeOf(errors[0])
  return cause === undefined ? '' : codeOf(cause)
}
