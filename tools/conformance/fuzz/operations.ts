import { OPENAI_OPERATIONS } from './openai-operations.ts'
import type { Schema } from './schema.ts'

/** Something that can be asked of a server. */
export interface Operation {
  readonly method: 'GET' | 'POST'
  /** With `{names}` where any text may stand. */
  readonly path: string
  /** Of the JSON body; undefined: there is none. */
  readonly body?: Schema
  /** What `$ref` in the body points into. */
  readonly document: unknown
}

interface Document {
  readonly paths?: Readonly<Record<string, Readonly<Record<string, PathOperation | undefined>>>>
}

interface PathOperation {
  readonly 'x-scope'?: string
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Schema } | undefined>> }
}

/** What a server's OpenAPI description says can be asked; that of any OpenAI-like server where it has none. */
export function operationsOf(document: unknown): readonly Operation[] {
  const { paths = {} } = (document ?? {}) as Document
  const found = Object.entries(paths).flatMap(([path, methods]) =>
    (['GET', 'POST'] as const).flatMap(method => {
      const operation = methods[method.toLowerCase()]
      // Requests that close or empty a server would end the search.
      if (!operation || (method === 'POST' && operation['x-scope'] === 'admin')) return []
      const body = operation.requestBody?.content?.['application/json']?.schema
      return [{ method, path, ...(body !== undefined && { body }), document }]
    }),
  )
  return found.length > 0 ? found : OPENAI_OPERATIONS
}
