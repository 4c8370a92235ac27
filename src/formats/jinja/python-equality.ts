import type { Value } from './engine.ts'

/** Python's `==`: by content, and `True == 1`. */
export function pythonEquals(left: Value, right: Value): boolean {
  const [a, b] = [left.value, right.value]
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && (a as readonly Value[]).every((item, i) => pythonEquals(item, b[i] as Value))
  if (a instanceof Map && b instanceof Map) return sameEntries(a, b)
  if (isNumber(a) && isNumber(b)) return Number(a) === Number(b)
  // Of both None and what is undefined the value is undefined.
  return a === b && (a !== undefined || left.type === right.type)
}

/** Python's `in`; undefined where the right side is nothing to look in. */
export function pythonContains(whole: Value, part: Value): boolean | undefined {
  if (Array.isArray(whole.value)) return (whole.value as readonly Value[]).some(item => pythonEquals(item, part))
  if (whole.value instanceof Map) return whole.value.has(part.value)
  if (typeof whole.value === 'string' && typeof part.value === 'string') return whole.value.includes(part.value)
  return undefined
}

function sameEntries(a: ReadonlyMap<string, Value>, b: ReadonlyMap<string, Value>): boolean {
  if (a.size !== b.size) return false
  for (const [key, value] of a) {
    const other = b.get(key)
    if (other === undefined || !pythonEquals(value, other)) return false
  }
  return true
}

function isNumber(value: unknown): value is number | boolean {
  return typeof value === 'number' || typeof value === 'boolean'
}
