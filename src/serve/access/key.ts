import { hash } from 'node:crypto'
import type { PriorityClass, TenantLimits } from '../../admission/index.ts'

/** Of a key, as it is given in a file, an environment or a header. */
export const KEY_LENGTH = { min: 16, max: 512 } as const

/** What the server keeps of a key: never the key. */
export interface Key {
  /** Stands in logs and metrics, and tells tenants apart. */
  readonly name: string
  /** SHA-256. */
  readonly digest: Buffer
  /** Whether it opens the routes of administration too. */
  readonly admin: boolean
  readonly limits: TenantLimits
  /** Of its requests that name none, and the highest that they may name. */
  readonly priorityClass?: PriorityClass
}

/** The SHA-256 of a key. */
export function digestOf(key: string): Buffer {
  return hash('sha256', key, 'buffer')
}
