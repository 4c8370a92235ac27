import { RefusedError } from '../errors/errors.ts'

const AUTHORITY = /^(\[[0-9a-f:.]+\]|[^:@/]*)(?::\d{1,5})?$/i
/** Clients write a few names; what else is asked for is checked each time. */
const REMEMBERED = 16

export interface HostRuleOptions {
  /** The server is reached from this machine alone. */
  readonly loopbackOnly: boolean
  /** Names beside those of loopback, without a port; undefined where nobody chose. */
  readonly allowedHosts: readonly string[] | undefined
}

/**
 * By which names the server may be called. On loopback by its own alone: a web page of anywhere can make its name mean
 * 127.0.0.1 and reach, through its visitor's browser, what listens there (DNS rebinding). Where others reach it, by
 * any name, unless names were chosen.
 */
export class HostRule {
  readonly #names: ReadonlySet<string>
  readonly #anyName: boolean
  readonly #known = new Set<string>()

  constructor({ loopbackOnly, allowedHosts }: HostRuleOptions) {
    this.#names = new Set(allowedHosts?.map(name => name.toLowerCase()))
    this.#anyName = !loopbackOnly && allowedHosts === undefined
  }

  /** @throws RefusedError */
  check(host: string): void {
    if (this.#known.has(host)) return
    const name = AUTHORITY.exec(host)?.[1]
    if (name === undefined)
      throw new RefusedError('malformed_request', 'the Host header is no host', { Connection: 'close' })
    if (!this.#anyName && !isLoopback(name) && !this.#names.has(name.toLowerCase()))
      throw new RefusedError('forbidden_host', `this server does not answer to ${name.slice(0, 64)}: ${this.#hint()}`)
    if (this.#known.size < REMEMBERED) this.#known.add(host)
  }

  #hint(): string {
    return this.#names.size === 0 ? 'use 127.0.0.1 or localhost' : 'that name is not among its allowed hosts'
  }
}

export function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/i.test(host)
}
