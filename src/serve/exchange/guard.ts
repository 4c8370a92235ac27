import type { IncomingMessage } from 'node:http'
import { type RefusalCode, RefusedError } from '../errors/errors.ts'
import type { HostRule } from './host-rule.ts'

/** As nearly every client writes paths: nothing in it could be read in two ways. */
const PLAIN_PATH = /^(?:\/[\w-]+)+$/
/** `.` or `..` as a segment, however it is written. */
const DOT_SEGMENT = /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i
/** What no path of ours holds and what some layer might read differently from another. */
const ODD_CHARACTER = /%00|%5c|[\\#]|[^\x21-\x7e]/i
const CONTINUE = /^100-continue$/i

/**
 * Refuses what Node's parser lets through and what nobody sends who means well: paths that could be read in two ways,
 * no Host header or two, names that are not ours, a request line without a version, expectations that nobody can meet.
 *
 * @returns the path
 * @throws RefusedError
 */
export function guard(incoming: IncomingMessage, hosts: HostRule): string {
  const { httpVersion, url = '', rawHeaders, headers } = incoming
  if (httpVersion !== '1.1' && httpVersion !== '1.0')
    refuse('malformed_request', 'the request line names no HTTP version')
  if (headers.expect !== undefined && !CONTINUE.test(headers.expect))
    refuse('expectation_failed', 'the only expectation that can be met is 100-continue')
  const count = countHosts(rawHeaders)
  if (count > 1) refuse('malformed_request', 'there is more than one Host header')
  if (count === 0 && httpVersion === '1.1') refuse('malformed_request', 'there is no Host header')
  if (count === 1) hosts.check(headers.host!)
  if (PLAIN_PATH.test(url)) return url

  const { authority, path } = splitTarget(url)
  if (authority !== undefined) hosts.check(authority)
  if (DOT_SEGMENT.test(path)) refuse('malformed_request', 'the path holds . or .. segments: send it resolved')
  if (ODD_CHARACTER.test(path)) refuse('malformed_request', 'the path holds characters that no route has')
  return path
}

/** In `incoming.headers` all but the first of them are gone. */
function countHosts(rawHeaders: readonly string[]): number {
  let count = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!
    if (name.length === 4 && name.toLowerCase() === 'host') count++
  }
  return count
}

/** A request for a proxy names the host in the target too. */
function splitTarget(target: string): { authority: string | undefined; path: string } {
  const [, authority, rest] = /^https?:\/\/([^/?#]*)(.*)$/is.exec(target) ?? [undefined, undefined, target]
  const path = rest!.split('?', 1)[0]!
  if (authority === undefined && !path.startsWith('/')) refuse('malformed_request', 'the request target is no path')
  return { authority, path }
}

function refuse(code: RefusalCode, message: string): never {
  throw new RefusedError(code, message, { Connection: 'close' })
}
