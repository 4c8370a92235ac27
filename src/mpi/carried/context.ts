import { createHash } from 'node:crypto'

/** Of the world. */
export const WORLD_CONTEXT = '0'.repeat(16)

/**
 * A context that all members come to by themselves, as they make the same calls in the same order: nothing needs to be
 * agreed on. 64 bits of a hash: two of a world's contexts do not meet.
 */
export function contextWithin(parent: string, what: string): string {
  return createHash('sha256').update(`${parent} ${what}`).digest('hex').slice(0, 16)
}
