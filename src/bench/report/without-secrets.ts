import type { RunSpec } from '../run/run.ts'

/** A spec as it may stand in a file that is passed around: without keys and without passwords in addresses. */
export function withoutSecrets(spec: RunSpec): RunSpec {
  const { open, ...rest } = spec
  const target = spec.target.replace(/^([a-z]+:\/\/)[^/@?#]*@/i, '$1')
  return { ...rest, target, ...(open && { open: withoutKeys(open) as NonNullable<RunSpec['open']> }) }
}

function withoutKeys(value: object): object {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !/apiKey$/i.test(name))
      .map(([name, field]) => [name, isPlainObject(field) ? withoutKeys(field) : field]),
  )
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
