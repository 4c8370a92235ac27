import type { JsonSchema } from './json-schema.ts'

/** The parts of OpenAPI 3.1 that this server's document has. */
export interface OpenApi {
  readonly openapi: '3.1.1'
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly servers: readonly { readonly url: string }[]
  readonly tags: readonly Tag[]
  readonly paths: Readonly<Record<string, PathItem>>
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>
    readonly responses: Readonly<Record<string, Response>>
    readonly headers: Readonly<Record<string, Header>>
    readonly parameters: Readonly<Record<string, Parameter>>
    readonly securitySchemes: Readonly<Record<string, object>>
  }
}

export interface Tag {
  readonly name: string
  readonly description: string
}

export type Ref = { readonly $ref: string }

export type PathItem = { readonly [method in 'get' | 'post']?: Operation }

export interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly tags: readonly string[]
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly parameters: readonly (Parameter | Ref)[]
  readonly requestBody?: {
    readonly required: true
    readonly content: { readonly 'application/json': { readonly schema: JsonSchema; readonly example: unknown } }
  }
  readonly responses: Readonly<Record<string, Response | Ref>>
  /** Who may call it where keys are asked for. */
  readonly 'x-scope': string
  /** It answers before the model is there. */
  readonly 'x-while-loading': boolean
  /** The path that it is another name of. */
  readonly 'x-alias-of'?: string
}

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly description: string
  readonly schema: JsonSchema
}

export interface Response {
  readonly description: string
  readonly headers?: Readonly<Record<string, Header | Ref>>
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema; readonly 'x-event-data'?: JsonSchema }>>
  /** Of an error: its codes, and when each comes. */
  readonly 'x-codes'?: Readonly<Record<string, string>>
}

export interface Header {
  readonly description: string
  readonly schema: JsonSchema
}
