import type { IncomingHttpHeaders } from 'node:http'
import type { PriorityClass, Tenant } from '../../admission/index.ts'
import type { Scope } from './scope.ts'

/** Who sent a request. */
export interface Caller {
  /** Whose limits and share of the engine it counts against. */
  readonly tenant: Tenant
  readonly admin: boolean
  /** Of its requests that name none, and the highest that they may name. Default: `default`, which is not the highest. */
  readonly priorityClass?: PriorityClass
  /** Keeps its prompts' cached prefixes apart from those of others. */
  readonly cacheSalt: string
}

/** What callers are known by; a Node request is one. */
export interface Claim {
  readonly headers: IncomingHttpHeaders
  readonly socket: { readonly remoteAddress?: string | undefined }
}

/** Decides who may call what. */
export interface Access {
  /** Whether callers must show a key. */
  readonly asksForKeys: boolean
  /** @throws RefusedError where the key is missing, unknown, or not enough for the route */
  identify(claim: Claim, scope: Scope): Caller
}

const EVERYBODY: Caller = { tenant: { name: 'everybody', limits: {} }, admin: true, cacheSalt: '' }

/** No keys: who can reach the server may do everything. */
export const openAccess: Access = { asksForKeys: false, identify: () => EVERYBODY }
