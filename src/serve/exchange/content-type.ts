import type { IncomingHttpHeaders } from 'node:http'
import { RefusedError } from '../errors/errors.ts'

/**
 * A content type must be given: a web page of anywhere may send a body without one, but not `application/json`.
 *
 * @throws RefusedError
 */
export function checkContentType(headers: IncomingHttpHeaders): void {
  const given = headers['content-type'] ?? ''
  // As nearly every client writes it.
  if (given !== 'application/json') checkOddType(given.toLowerCase())
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity')
    unsupported('send the body without Content-Encoding: compressed bodies are not read')
}

function checkOddType(given: string): void {
  const [type = '', ...parameters] = given.split(/\s*;\s*/)
  if (!/^application\/(?:[\w.-]+\+)?json$/.test(type.trim()))
    unsupported(`send the body as Content-Type: application/json${type === '' ? '' : `, not ${type}`}`)
  const charset = parameters.find(parameter => parameter.startsWith('charset='))
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) unsupported('send the body as UTF-8')
}

function unsupported(message: string): never {
  throw new RefusedError('unsupported_media_type', message)
}
