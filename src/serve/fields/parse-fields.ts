import type { z } from 'zod'
import { InvalidRequestError, UnsupportedError } from '../../engine/index.ts'
import type { Unsupported } from './unsupported.ts'

/**
 * A body as its schema reads it. Fields that no schema has are let through.
 *
 * @throws InvalidRequestError for a field of the wrong type, UnsupportedError for one that asks what cannot be done
 */
export function parseFields<T extends z.ZodObject>(schema: T, body: unknown, unsupported: Unsupported): z.infer<T> {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new InvalidRequestError('the body must be a JSON object')
  const given = body as Readonly<Record<string, unknown>>
  for (const field of Object.keys(given)) {
    if (!Object.hasOwn(unsupported, field)) continue
    const { idle, hint } = unsupported[field]!
    const value = given[field]
    if (value !== undefined && value !== null && !idle?.(value, given))
      throw new UnsupportedError(`${field} is not supported: ${hint}`, field)
  }
  const result = schema.safeParse(body)
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  const param = pathOf(issue.path)
  throw new InvalidRequestError(`${param} ${issue.message}`, param)
}

/** `['messages', 0, 'role']` → `messages[0].role` */
function pathOf(path: readonly PropertyKey[]): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${String(part)}`)).join('')
}
