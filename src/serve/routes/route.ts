import type { z } from 'zod'
import type { Scope } from '../access/scope.ts'
import type { Exchange } from '../exchange/exchange.ts'
import { parseFields } from '../fields/parse-fields.ts'
import type { Unsupported } from '../fields/unsupported.ts'

/** Under which heading documents put a route. */
export type RouteGroup = 'text' | 'tokens' | 'models' | 'operations' | 'documents' | 'absent'

/** One method of one path. The server, `/openapi.json`, its page and the fuzzer all read the same table of these. */
export interface Route {
  readonly method: 'GET' | 'POST'
  /** `{id}` stands for the rest of the path, slashes included. */
  readonly path: string
  /** Other paths by which clients know it. */
  readonly aliases?: readonly string[]
  readonly scope: Scope
  /** Whether it answers while there is no engine yet. Default false: 503. */
  readonly whileLoading?: true
  /** Default `operations`. */
  readonly group?: RouteGroup
  /** A line for people. */
  readonly summary: string
  readonly body?: BodySpec<z.ZodObject>
  /** Of the query, each a text. */
  readonly query?: Readonly<Record<string, string>>
  /** What it answers with beside JSON errors. */
  readonly reply: ReplySpec
  handle(exchange: Exchange, parameter: string): void | Promise<void>
}

export interface BodySpec<T extends z.ZodObject> {
  readonly schema: T
  /** Fields that are known and refused by name. */
  readonly unsupported: Unsupported
  readonly example: unknown
}

export interface ReplySpec {
  /** Default 200. */
  readonly status?: number
  /** Default `application/json`. */
  readonly type?: string
  readonly schema?: z.ZodType
  /** Of each event's data, where it streams. */
  readonly chunk?: z.ZodType
  readonly description: string
  /** It streams where the body says `stream: true`. */
  readonly streams?: true
}

/** A route that reads a JSON body: `handle` gets it checked. */
export function bodyRoute<T extends z.ZodObject>(
  route: Omit<Route, 'body' | 'handle' | 'method'> & {
    readonly body: BodySpec<T>
    readonly handle: (exchange: Exchange, fields: z.infer<T>) => void | Promise<void>
  },
): Route {
  const { body, handle } = route
  return {
    ...route,
    method: 'POST',
    async handle(exchange) {
      await handle(exchange, parseFields(body.schema, await exchange.readJson(), body.unsupported))
    },
  }
}
