/** As much of JSON Schema 2020-12 as descriptions of requests use. */
export interface ObjectSchema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly nullable?: boolean
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly minimum?: number
  readonly maximum?: number
  readonly exclusiveMinimum?: number
  readonly exclusiveMaximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly items?: Schema
  readonly prefixItems?: readonly Schema[]
  readonly minItems?: number
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: Schema
  readonly example?: unknown
  readonly examples?: readonly unknown[]
}

export type Schema = boolean | ObjectSchema

/** What `#/a/b` names in a document. */
export function resolveReference(document: unknown, reference: string): Schema {
  const parts = reference.split('/').slice(1)
  let found = document
  for (const part of parts)
    found = (found as Record<string, unknown> | undefined)?.[part.replaceAll('~1', '/').replaceAll('~0', '~')]
  if (!reference.startsWith('#/') || found === undefined) throw new Error(`the reference ${reference} leads nowhere`)
  return found as Schema
}
