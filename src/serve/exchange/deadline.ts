import type { IncomingHttpHeaders } from 'node:http'
import { InvalidRequestError } from '../../engine/index.ts'

const HEADER = 'x-request-timeout-ms'

/**
 * By when the client wants the whole answer, in ms from the request's arrival; undefined where it does not say.
 *
 * @throws InvalidRequestError
 */
export function deadlineOf(headers: IncomingHttpHeaders): number | undefined {
  const text = headers[HEADER]
  if (text === undefined) return undefined
  const ms = typeof text === 'string' && /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (ms === 0) throw new InvalidRequestError('X-Request-Timeout-Ms must be whole milliseconds, at least 1', HEADER)
  return ms
}
