import { expect, test } from 'vitest'
import type { PriorityClass } from '../../admission/index.ts'
import type { Caller } from './access.ts'
import { priorityClassOf } from './priority-class-of.ts'

function outcome(header: string | undefined, admin: boolean, own?: PriorityClass): string {
  const caller: Caller = {
    tenant: { name: 'a', limits: {} },
    admin,
    cacheSalt: '',
    ...(own !== undefined && { priorityClass: own }),
  }
  try {
    return priorityClassOf(header === undefined ? {} : { 'x-priority-class': header }, caller)
  } catch (error) {
    const { code, param, message } = error as { code: string; param: string; message: string }
    return `${code} ${param}: ${message}`
  }
}

const refused = (...allowed: PriorityClass[]) =>
  `invalid_request x-priority-class: X-Priority-Class must be one of ${allowed.join(', ')}`

test.each<[header: string | undefined, admin: boolean, own: PriorityClass | undefined, expected: string]>([
  [undefined, false, undefined, 'default'],
  [undefined, true, undefined, 'default'],
  [undefined, false, 'bulk', 'bulk'],
  [undefined, true, 'system', 'system'],
  ['interactive', false, undefined, 'interactive'],
  ['bulk', false, undefined, 'bulk'],
  ['bulk', false, 'default', 'bulk'],
  ['system', true, undefined, 'system'],
  ['system', false, undefined, refused('interactive', 'default', 'bulk')],
  ['interactive', false, 'default', refused('default', 'bulk')],
  ['default', false, 'bulk', refused('bulk')],
  ['system', true, 'interactive', refused('interactive', 'default', 'bulk')],
  ['urgent', true, undefined, refused('system', 'interactive', 'default', 'bulk')],
  ['', false, undefined, refused('interactive', 'default', 'bulk')],
  ['bulk, interactive', false, undefined, refused('interactive', 'default', 'bulk')],
])('%s, admin %s, of a key with class %s: %s', (header, admin, own, expected) => {
  expect(outcome(header, admin, own)).toBe(expected)
})
