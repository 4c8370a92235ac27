import { InvalidTargetError } from '../engine/index.ts'
import { escapeControls } from '../escape-controls.ts'

/** Where a server is: paths of its routes stand behind `prefix`. */
export interface ServerUrl {
  readonly origin: string
  /** Empty, or a path with a slash before it and none behind. */
  readonly prefix: string
  /** For messages. */
  readonly text: string
}

/** What people copy along with the address; the route is chosen by the request. */
const ROUTES = /\/(?:v1(?:\/(?:chat\/completions|completions|models))?|completions?)?\/*$/

/**
 * Takes the address as people have it: with or without `/v1`, behind a path or not.
 *
 * @throws InvalidTargetError
 *
 * @example
 * parseServerUrl('http://localhost:8080/llm/v1/') // { origin: 'http://localhost:8080', prefix: '/llm', … }
 */
export function parseServerUrl(text: string): ServerUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '')
    throw new InvalidTargetError(`"${escapeControls(text)}" is no address of a server: write http://HOST:PORT`)
  // The text may hold the password.
  if (url.username !== '' || url.password !== '')
    throw new InvalidTargetError(
      `the address of ${url.host} holds a user or a password: give the server's key by --api-key-file or WARPLINE_API_KEY`,
    )
  if (url.search !== '' || url.hash !== '')
    throw new InvalidTargetError(`"${escapeControls(text)}" has more than a path: leave out what follows ? or #`)
  const prefix = url.pathname.replace(ROUTES, '').replace(/\/+$/, '')
  return { origin: url.origin, prefix, text: url.origin + prefix }
}
