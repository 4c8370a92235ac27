import { createHmac, randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { type Clock, systemClock } from '../../clock/index.ts'
import { RefusedError } from '../errors/errors.ts'
import type { Access, Caller, Claim } from './access.ts'
import { FailedAttempts } from './failed-attempts.ts'
import type { Key } from './key.ts'
import { KeyTable } from './key-table.ts'
import type { Scope } from './scope.ts'

/** Who asks on a public route needs no key, and is nobody. */
const NOBODY: Caller = { tenant: { name: 'nobody', limits: {} }, admin: false, cacheSalt: '' }

const BEARER = 'bearer '

/** The same whether a key is wrong or there is none. */
const WORDS = 'this needs a valid API key: send it as Authorization: Bearer KEY, or as X-Api-Key: KEY'

interface Holder {
  readonly caller: Caller
  /** From where the key was last shown. */
  address: string | undefined
}

/**
 * Access by keys, shown as `Authorization: Bearer KEY` or `X-Api-Key: KEY`.
 *
 * An address with many failures is told to wait, whatever it shows, so that it learns nothing by going on; only keys
 * that it has shown before still let it in, as others may be behind the same address.
 *
 * @example
 * const access = new KeyAccess(keysFrom(readFileSync('keys.txt', 'utf8')))
 * await serve({ engine, access })
 * access.replace(keysFrom(readFileSync('keys.txt', 'utf8')))
 */
export class KeyAccess implements Access {
  readonly asksForKeys = true
  /** Of this process alone: whoever knows a key's name cannot tell its salt. */
  readonly #secret = randomBytes(32)
  readonly #failures: FailedAttempts
  #holders: KeyTable<Holder>

  /** @throws KeysError where two keys have one name, one key has two names, or there is none */
  constructor(keys: readonly Key[], { clock = systemClock }: { readonly clock?: Clock } = {}) {
    this.#failures = new FailedAttempts(clock)
    this.#holders = this.#tableOf(keys)
  }

  /**
   * From now on these keys are good and no others. Requests that were let in go on; limits are those of the newest keys.
   *
   * @throws KeysError; the old keys stay good then
   */
  replace(keys: readonly Key[]): void {
    this.#holders = this.#tableOf(keys)
  }

  identify({ headers, socket }: Claim, scope: Scope): Caller {
    if (scope === 'public') return NOBODY
    const key = keyIn(headers)
    const holder = key === undefined ? undefined : this.#holders.find(key)
    const { remoteAddress } = socket
    const waitMs = this.#failures.waitOf(remoteAddress)
    if (waitMs > 0 && (holder === undefined || holder.address !== remoteAddress)) throw tooMany(waitMs)
    if (holder === undefined) {
      this.#failures.add(remoteAddress)
      throw new RefusedError('invalid_api_key', WORDS, { 'WWW-Authenticate': 'Bearer' })
    }
    holder.address = remoteAddress
    if (scope === 'admin' && !holder.caller.admin)
      throw new RefusedError('insufficient_scope', 'this needs the key of an administrator')
    return holder.caller
  }

  #tableOf(keys: readonly Key[]): KeyTable<Holder> {
    return new KeyTable(keys, ({ name, admin, limits, priorityClass }) => {
      const cacheSalt = createHmac('sha256', this.#secret).update(name).digest('base64url')
      const caller = { tenant: { name, limits }, admin, cacheSalt, ...(priorityClass && { priorityClass }) }
      return { caller, address: undefined }
    })
  }
}

function keyIn(headers: IncomingHttpHeaders): string | undefined {
  const { authorization } = headers
  if (authorization !== undefined && authorization.slice(0, BEARER.length).toLowerCase() === BEARER)
    return authorization.slice(BEARER.length).trim()
  const key = headers['x-api-key']
  return typeof key === 'string' ? key : undefined
}

function tooMany(waitMs: number): RefusedError {
  return new RefusedError('too_many_attempts', 'too many requests from here had no valid API key: wait', {
    'Retry-After': String(Math.ceil(waitMs / 1000)),
    'Retry-After-Ms': String(Math.ceil(waitMs)),
  })
}
