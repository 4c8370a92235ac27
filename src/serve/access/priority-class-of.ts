import { PRIORITY_CLASSES, type PriorityClass } from '../../admission/index.ts'
import { InvalidRequestError } from '../../engine/index.ts'
import type { Caller, Claim } from './access.ts'

const HEADER = 'x-priority-class'

/**
 * The class that a request is served in: what `X-Priority-Class` says, or else the caller's own. A caller may choose
 * lower ones than its own; without one of its own, all but `system`, which is for administrators.
 *
 * @throws InvalidRequestError
 */
export function priorityClassOf(headers: Claim['headers'], { priorityClass, admin }: Caller): PriorityClass {
  const asked = headers[HEADER]
  if (asked === undefined) return priorityClass ?? 'default'
  const highest = PRIORITY_CLASSES.indexOf(priorityClass ?? (admin ? 'system' : 'interactive'))
  const allowed: readonly string[] = PRIORITY_CLASSES.slice(highest)
  if (typeof asked === 'string' && allowed.includes(asked)) return asked as PriorityClass
  throw new InvalidRequestError(`X-Priority-Class must be one of ${allowed.join(', ')}`, HEADER)
}
