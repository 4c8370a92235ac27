import { ANSWERS } from '../errors/error-reply.ts'
import type { Route } from '../routes/route.ts'
import type { JsonSchema } from './json-schema.ts'
import type { Response } from './openapi.ts'

type Code = keyof typeof ANSWERS

const CODES = Object.keys(ANSWERS) as Code[]
const STATUSES = [...new Set(CODES.map(code => ANSWERS[code][0]))].sort((a, b) => a - b)

const hasBody = ({ body }: Route) => body !== undefined
const asksForText = ({ group }: Route) => group === 'text'
const needsKey = ({ scope }: Route, asksForKeys: boolean) => asksForKeys && scope !== 'public'

/** Codes that only some routes answer with; the others may come from any. */
const ONLY: Readonly<Partial<Record<Code, (route: Route, asksForKeys: boolean) => boolean>>> = {
  invalid_request: ({ body, query }) => body !== undefined || query !== undefined,
  context_length_exceeded: hasBody,
  invalid_json: hasBody,
  body_timeout: hasBody,
  body_too_large: hasBody,
  unsupported_media_type: hasBody,
  unsupported: ({ body, group }) => body !== undefined || group === 'absent',
  overloaded: asksForText,
  aborted: asksForText,
  deadline_exceeded: asksForText,
  model_not_found: ({ path }) => path.includes('{id}'),
  // They tell of paths and methods that no document has.
  not_found: () => false,
  method_not_allowed: () => false,
  invalid_api_key: needsKey,
  too_many_attempts: needsKey,
  insufficient_scope: ({ scope }, asksForKeys) => asksForKeys && scope === 'admin',
}

/** Statuses of the errors that a route may answer with. */
export function errorStatuses(route: Route, asksForKeys: boolean): readonly number[] {
  const possible = CODES.filter(code => ONLY[code]?.(route, asksForKeys) ?? true).map(code => ANSWERS[code][0])
  return STATUSES.filter(status => possible.includes(status))
}

export function errorName(status: number): string {
  return `Error${status}`
}

/** One response for each status, with its codes. */
export function errorResponses(): Record<string, Response> {
  return Object.fromEntries(STATUSES.map(status => [errorName(status), responseOf(status)]))
}

function responseOf(status: number): Response {
  const codes = CODES.filter(code => ANSWERS[code][0] === status)
  return {
    description: codes.map(code => `\`${code}\`: ${ANSWERS[code][2]}`).join('; '),
    headers: {
      'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' },
      ...((status === 429 || status === 503) && { 'Retry-After': { $ref: '#/components/headers/Retry-After' } }),
    },
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
    'x-codes': Object.fromEntries(codes.map(code => [code, ANSWERS[code][2]])),
  }
}

const count = { type: 'integer', minimum: 0 } as const

export const ERROR_SCHEMA: JsonSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['message', 'type', 'param', 'code'],
      properties: {
        message: { type: 'string', description: 'What is wrong and what to do, for people.' },
        type: { type: 'string', enum: [...new Set(CODES.map(code => ANSWERS[code][1]))] },
        param: { type: ['string', 'null'], description: 'The field that it is about, e.g. `messages[0].role`.' },
        code: { type: 'string', enum: CODES, description: 'Does not change from version to version.' },
        n_prompt_tokens: {
          ...count,
          description: 'With `context_length_exceeded`; of a prompt more than twice too long at least so many.',
        },
        n_ctx: { ...count, description: 'With `context_length_exceeded`.' },
      },
    },
  },
}
