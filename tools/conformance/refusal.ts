import { messageOf } from './ask.ts'
import { type Context, demand } from './check.ts'
import { jsonOf, type Reply } from './http/client.ts'
import { errorBody, shaped } from './shapes.ts'

/**
 * The request was refused with a status of `wanted`, or of `tolerated`, in OpenAI's shape.
 *
 * @returns The `error` object.
 */
export function refused(
  context: Context,
  reply: Reply,
  wanted: number,
  tolerated: Readonly<Record<number, string>> = {},
): Readonly<Record<string, unknown>> {
  const { status } = reply
  const reason = tolerated[status]
  demand(status === wanted || reason !== undefined, `expected ${wanted}, got ${status}: ${messageOf(reply)}`)
  if (reason !== undefined) context.tolerate(`${status}: ${reason}`)
  if (status < 400) return {}
  const type = reply.headers['content-type'] ?? 'nothing'
  demand(
    type.startsWith('application/json'),
    `expected a JSON error with status ${status}, got ${type}: ${messageOf(reply)}`,
  )
  const { error } = shaped(errorBody, jsonOf(reply), 'the error')
  if (!('param' in error && 'code' in error))
    context.tolerate(`the error has no ${'param' in error ? 'code' : 'param'}`)
  return error
}
