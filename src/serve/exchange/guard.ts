import type { IncomingMessage } from 'node:http'
import { RefusedError } from '../errors/errors.ts'

/** `.` or `..` as a segment, however it is written. */
const DOT_SEGMENT = /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i
/** What no path of ours holds and what some layer might read differently from another. */
const ODD_CHARACTER = /%00|%5c|[\\#]|[^\x21-\x7e]/i
const AUTHORITY = /^(\[[0-9a-f:.]+\]|[^:@/]*)(?::\d{1,5})?$/i

/**
 * Refuses what Node's parser lets through and what nobody sends who means well: paths that could be read in two ways,
 * two Host headers, a request line without a version, and, on loopback, names that are not ours, by which a web page
 * would reach the server through its visitor's browser (DNS rebinding).
 *
 * @returns the path
 * @throws RefusedError
 */
export function guard(incoming: IncomingMessage, loopbackOnly: boolean): string {
  if (incoming.httpVersion !== '1.1' && incoming.httpVersion !== '1.0')
    malformed('the request line names no HTTP version')
  const hosts = incoming.rawHeaders.filter((_, i, all) => i % 2 === 1 && all[i - 1]!.toLowerCase() === 'host')
  if (hosts.length > 1) malformed('there is more than one Host header')

  const { authority, path } = splitTarget(incoming.url ?? '')
  if (DOT_SEGMENT.test(path)) malformed('the path holds . or .. segments: send it resolved')
  if (ODD_CHARACTER.test(path)) malformed('the path holds characters that no route has')
  for (const host of authority === undefined ? hosts : [authority, ...hosts]) checkHost(host, loopbackOnly)
  return path
}

export function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/i.test(host)
}

/** A request for a proxy names the host in the target too. */
function splitTarget(target: string): { authority: string | undefined; path: string } {
  const [, authority, rest] = /^https?:\/\/([^/?#]*)(.*)$/is.exec(target) ?? [undefined, undefined, target]
  const path = rest!.split('?', 1)[0]!
  if (authority === undefined && !path.startsWith('/')) malformed('the request target is no path')
  return { authority, path }
}

function checkHost(host: string, loopbackOnly: boolean): void {
  const name = AUTHORITY.exec(host)?.[1]
  if (name === undefined) malformed('the Host header is no host')
  if (loopbackOnly && !isLoopback(name))
    throw new RefusedError('forbidden_host', `this server answers to 127.0.0.1 and localhost only, not to ${name}`)
}

function malformed(message: string): never {
  throw new RefusedError('malformed_request', message, { Connection: 'close' })
}
