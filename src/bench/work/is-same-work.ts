import { isDeepStrictEqual } from 'node:util'
import type { WorkSpec } from './work.ts'

/** Whether two specs ask for as much, though it may be in other words. */
export function isSameWork(one: WorkSpec, other: WorkSpec): boolean {
  return isDeepStrictEqual(withoutVariant(one), withoutVariant(other))
}

function withoutVariant(spec: WorkSpec): WorkSpec {
  if (spec.kind !== 'synthetic') return spec
  const { variant: _, ...rest } = spec
  return rest
}
