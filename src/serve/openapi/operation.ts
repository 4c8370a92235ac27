import type { z } from 'zod'
import { PRIORITY_CLASSES } from '../../admission/index.ts'
import type { BodySpec, ReplySpec, Route } from '../routes/route.ts'
import { errorName, errorStatuses } from './error-responses.ts'
import { GROUPS } from './groups.ts'
import type { JsonSchema } from './json-schema.ts'
import type { Operation, Parameter, Ref, Response } from './openapi.ts'
import { schemaOf } from './schema-of.ts'

/** Puts a schema among the document's components. */
export type Name = (key: string, schema: JsonSchema) => Ref

/** One method of one path, which may be an alias of the route's own. */
export function operationOf(route: Route, path: string, asksForKeys: boolean, name: Name): Operation {
  const isPublic = route.scope === 'public'
  return {
    operationId: operationIdOf(route.method, path),
    summary: route.summary,
    tags: [GROUPS[route.group ?? 'operations'].name],
    security: asksForKeys && !isPublic ? [{ bearer: [] }, { apiKey: [] }] : [],
    parameters: parametersOf(route, path),
    ...(route.body && { requestBody: requestBodyOf(route.body, route.path, name) }),
    responses: {
      [route.reply.status ?? 200]: replyOf(route.reply, name),
      ...Object.fromEntries(
        errorStatuses(route, asksForKeys).map(status => [status, ref('responses', errorName(status))]),
      ),
    },
    'x-scope': route.scope,
    'x-while-loading': route.whileLoading === true,
    ...(path !== route.path && { 'x-alias-of': route.path }),
  }
}

function requestBodyOf({ schema, unsupported, example }: BodySpec<z.ZodObject>, path: string, name: Name) {
  const { schema: object, named } = schemaOf(schema)
  for (const [key, value] of Object.entries(named)) name(key, value)
  const properties = Object.entries(object.properties ?? {}).filter(([field]) => !Object.hasOwn(unsupported, field))
  const hints = Object.entries(unsupported).map(([field, { hint }]) => [field, hint])
  const request: JsonSchema = {
    ...object,
    properties: Object.fromEntries(properties),
    ...(hints.length > 0 && { 'x-unsupported': Object.fromEntries(hints) }),
  }
  const content = { schema: name(`${wordsOf(path)}Request`, request), example }
  return { required: true, content: { 'application/json': content } } as const
}

function replyOf({ schema, chunk, type = 'application/json', description, streams }: ReplySpec, name: Name): Response {
  return {
    description,
    headers: { 'X-Request-Id': ref('headers', 'X-Request-Id') },
    content: {
      [type]: { schema: schema ? componentOf(schema, name) : {} },
      ...(streams && {
        'text/event-stream': {
          schema: {
            type: 'string',
            description: 'Events `data: {json}`; OpenAI’s routes end them with `data: [DONE]`.',
          },
          ...(chunk && { 'x-event-data': componentOf(chunk, name) }),
        },
      }),
    },
  }
}

function componentOf(zodSchema: z.ZodType, name: Name): JsonSchema {
  const { schema, named } = schemaOf(zodSchema)
  for (const [key, value] of Object.entries(named)) name(key, value)
  return schema
}

function parametersOf({ method, query = {}, group }: Route, path: string): readonly (Parameter | Ref)[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]): Parameter => {
    const description = 'May hold slashes, as they are or as %2F.'
    return { name: name!, in: 'path', required: true, description, schema: { type: 'string', minLength: 1 } }
  })
  const inQuery = Object.entries(query).map(([name, description]): Parameter => {
    return { name, in: 'query', required: false, description, schema: { type: 'string' } }
  })
  const ofText = OF_TEXT.map(key => ref('parameters', key))
  return [
    ...inPath,
    ...inQuery,
    ref('parameters', 'X-Request-Id'),
    ...(method === 'POST' && group === 'text' ? ofText : []),
  ]
}

/** `/v1/chat/completions` → `V1ChatCompletions` */
function wordsOf(path: string): string {
  const words = path.match(/[A-Za-z0-9]+/g) ?? ['root']
  return words.map(word => word[0]!.toUpperCase() + word.slice(1)).join('')
}

function operationIdOf(method: string, path: string): string {
  return method.toLowerCase() + wordsOf(path)
}

function ref(kind: string, key: string): Ref {
  return { $ref: `#/components/${kind}/${key}` }
}

/** Headers of requests for text. */
const OF_TEXT = ['X-Request-Timeout-Ms', 'X-Priority-Class', 'X-Session-Id', 'X-Warpline-Upstream'] as const

const VISIBLE = { type: 'string', pattern: '^[\\x21-\\x7e]{1,128}$' } as const

export const PARAMETERS: Readonly<Record<string, Parameter>> = {
  'X-Request-Id': {
    name: 'X-Request-Id',
    in: 'header',
    required: false,
    description: 'Names the request in the answer and in the log. Default: one is made.',
    schema: VISIBLE,
  },
  'X-Request-Timeout-Ms': {
    name: 'X-Request-Timeout-Ms',
    in: 'header',
    required: false,
    description: 'By when the whole answer is wanted, in ms. Default: whenever it is there.',
    schema: { type: 'integer', minimum: 1, maximum: 999_999_999 },
  },
  'X-Priority-Class': {
    name: 'X-Priority-Class',
    in: 'header',
    required: false,
    description:
      'What the request is for: higher classes are served first. No higher than that of the key; `system` is for administrators. Default: the class of the key, or else `default`.',
    schema: { type: 'string', enum: [...PRIORITY_CLASSES] },
  },
  'X-Session-Id': {
    name: 'X-Session-Id',
    in: 'header',
    required: false,
    description: 'Requests of one session go to the same engine, where there are several. Default: none.',
    schema: { type: 'string', maxLength: 256 },
  },
  'X-Warpline-Upstream': {
    name: 'X-Warpline-Upstream',
    in: 'header',
    required: false,
    description: 'The name of the engine that is to answer, where there are several. Default: any.',
    schema: { type: 'string', maxLength: 256 },
  },
}

export const HEADERS = {
  'X-Request-Id': { description: 'The request’s name, in the log too.', schema: VISIBLE },
  'Retry-After': { description: 'Seconds after which to come back.', schema: { type: 'integer', minimum: 1 } },
} as const
