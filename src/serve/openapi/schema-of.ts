import { z } from 'zod'
import type { JsonSchema } from './json-schema.ts'

export interface SchemaOf {
  readonly schema: JsonSchema
  /** Schemas with an `id`, which the others refer to. */
  readonly named: Readonly<Record<string, JsonSchema>>
}

/**
 * What a zod schema takes, as JSON Schema for `components`.
 *
 * In zod's own words it would be right but hard to read: here null is one more type, not an alternative, and what says
 * nothing is left out. A field that `.meta({ 'x-required': true })` marks must be there: zod lets it pass only because
 * who reads it later says in better words what is missing.
 */
export function schemaOf(schema: z.ZodType): SchemaOf {
  const { $defs = {}, $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Raw
  return {
    schema: tidy(rest),
    named: Object.fromEntries(Object.entries($defs).map(([name, raw]) => [name, tidy(raw)])),
  }
}

type Raw = JsonSchema & {
  readonly $schema?: string
  readonly $defs?: Readonly<Record<string, Raw>>
  readonly id?: string
}

const REQUIRED = 'x-required'
const NULL = { type: 'null' } as const

function tidy(raw: Raw): JsonSchema {
  const { id, additionalProperties, propertyNames, [REQUIRED]: mustBeThere, ...rest } = raw
  const schema: JsonSchema = {
    ...rest,
    ...(raw.$ref && { $ref: raw.$ref.replace('#/$defs/', '#/components/schemas/') }),
    ...(saysSomething(additionalProperties) && { additionalProperties: tidyValue(additionalProperties) }),
    ...(propertyNames?.pattern && { propertyNames }),
    ...(raw.items && { items: tidy(raw.items) }),
    ...(raw.properties && tidyProperties(raw)),
  }
  const whole = raw.anyOf ? merged(schema, raw.anyOf.map(tidy)) : schema
  return mustBeThere === true ? notNull(whole) : whole
}

function tidyProperties({ properties = {}, required = [] }: Raw) {
  const marked = Object.keys(properties).filter(name => properties[name]![REQUIRED] === true)
  const names = [...new Set([...required, ...marked])]
  return {
    properties: Object.fromEntries(Object.entries(properties).map(([name, raw]) => [name, tidy(raw)])),
    ...(names.length > 0 && { required: names }),
  }
}

/** `outer` with its alternatives: what is said outside is said of them all. */
function merged(outer: JsonSchema, options: readonly JsonSchema[]): JsonSchema {
  const { anyOf, ...rest } = outer
  const isNullable = options.some(isNull)
  const others = options.filter(option => !isNull(option))
  const [only] = others
  if (others.length === 1 && only!.anyOf) return { ...rest, anyOf: [...only!.anyOf, ...(isNullable ? [NULL] : [])] }
  if (others.length > 1 || only?.$ref) return { ...rest, anyOf: [...others, ...(isNullable ? [NULL] : [])] }
  const single: JsonSchema = { ...only, ...rest }
  return isNullable ? orNull(single) : single
}

function orNull(schema: JsonSchema): JsonSchema {
  const { const: constant, ...rest } = schema
  const values = constant === undefined ? schema.enum : [constant]
  return {
    ...rest,
    type: [schema.type ?? []].flat().concat('null'),
    ...(values && { enum: [...values, null] }),
  }
}

function notNull(schema: JsonSchema): JsonSchema {
  const types = [schema.type ?? []].flat().filter(type => type !== 'null')
  return {
    ...schema,
    ...(types.length > 0 && { type: types.length === 1 ? types[0]! : types }),
    ...(schema.anyOf && { anyOf: schema.anyOf.filter(option => !isNull(option)) }),
  }
}

function isNull({ type }: JsonSchema): boolean {
  return type === 'null'
}

function saysSomething(value: JsonSchema | boolean | undefined): value is JsonSchema | boolean {
  return value !== undefined && value !== true && Object.keys(value).length > 0
}

function tidyValue(value: JsonSchema | boolean): JsonSchema | boolean {
  return typeof value === 'boolean' ? value : tidy(value)
}
