import type { JsonSchema } from '../openapi/json-schema.ts'
import { typeWords } from './type-words.ts'

export interface FieldRow {
  /** From the top, e.g. `messages[].role`. */
  readonly path: string
  readonly type: string
  readonly required: boolean
  readonly description: string
  /** As JSON; undefined where there is none or it depends. */
  readonly byDefault: string | undefined
}

type Schemas = Readonly<Record<string, JsonSchema>>

/** Every field of an object, those of objects in it too, in the schema's order. */
export function fieldRows(schema: JsonSchema, schemas: Schemas, prefix = ''): FieldRow[] {
  const { properties = {}, required = [] } = resolved(schema, schemas)
  return Object.entries(properties).flatMap(([name, property]) => {
    const path = prefix + name
    const row: FieldRow = {
      path,
      type: typeWords(plain(property, schemas)),
      required: required.includes(name),
      description: property.description ?? '',
      byDefault: property.default === undefined ? undefined : JSON.stringify(property.default),
    }
    return [row, ...inside(property, schemas, path)]
  })
}

function inside(property: JsonSchema, schemas: Schemas, path: string): FieldRow[] {
  const schema = resolved(property, schemas)
  if (schema.items) return inside(schema.items, schemas, `${path}[]`)
  return schema.properties ? fieldRows(schema, schemas, `${path}.`) : []
}

/** What stands behind a reference, null left aside. */
function resolved(schema: JsonSchema, schemas: Schemas): JsonSchema {
  const others = schema.anyOf?.filter(({ type }) => type !== 'null')
  if (others?.length === 1) return resolved(others[0]!, schemas)
  return schema.$ref ? resolved(schemas[schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)] ?? {}, schemas) : schema
}

/** Names of schemas say nothing where their fields follow. */
function plain(schema: JsonSchema, schemas: Schemas): JsonSchema {
  const known = resolved(schema, schemas)
  return known.items ? { ...known, items: plain(known.items, schemas) } : known
}
