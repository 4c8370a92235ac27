export type Json = Readonly<Record<string, unknown>>
/** Takes what is wrong, and where. */
export type Report = (at: string, what: string) => void
/** Looks whether a reference leads somewhere. */
export type Follow = (reference: Json, at: string) => void

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
export const isText = (value: unknown): value is string => typeof value === 'string'
const isCount = (value: unknown) => Number.isInteger(value) && (value as number) >= 0
const isNumber = (value: unknown) => typeof value === 'number' && Number.isFinite(value)
export const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value)
const areTexts = (value: unknown) => isList(value) && value.every(isText) && new Set(value).size === value.length
const anything = () => true

const TYPES = ['null', 'boolean', 'object', 'array', 'number', 'string', 'integer']
const isType = (value: unknown) => TYPES.includes(value as string)

/** Keywords whose values are no schemas. */
const KEYWORDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  $ref: isText,
  type: value => isType(value) || (areTexts(value) && (value as string[]).every(isType)),
  title: isText,
  description: value => isText(value) && value !== '',
  default: anything,
  const: anything,
  enum: value => isList(value) && value.length > 0 && new Set(value).size === value.length,
  examples: isList,
  minimum: isNumber,
  maximum: isNumber,
  exclusiveMinimum: isNumber,
  exclusiveMaximum: isNumber,
  multipleOf: value => isNumber(value) && (value as number) > 0,
  minLength: isCount,
  maxLength: isCount,
  pattern: value => isText(value) && RegExp(value as string, 'u') instanceof RegExp,
  format: isText,
  minItems: isCount,
  maxItems: isCount,
  uniqueItems: value => typeof value === 'boolean',
  required: areTexts,
  minProperties: isCount,
  maxProperties: isCount,
}
const ONE_SCHEMA = ['items', 'additionalProperties', 'propertyNames', 'not']
const SCHEMA_LISTS = ['anyOf', 'oneOf', 'allOf', 'prefixItems']

/** Reports what breaks the rules of JSON Schema 2020-12, and what keeps them and would yet be a mistake. */
export function checkSchema(schema: unknown, at: string, report: Report, follow: Follow): void {
  const check = (schema: unknown, at: string) => checkSchema(schema, at, report, follow)
  if (typeof schema === 'boolean') return
  if (!isObject(schema)) {
    report(at, 'is no schema')
    return
  }
  for (const [key, value] of Object.entries(schema)) {
    const here = `${at}/${key}`
    if (key === 'properties')
      for (const [name, property] of Object.entries(value as Json)) check(property, `${here}/${name}`)
    else if (ONE_SCHEMA.includes(key)) check(value, here)
    else if (SCHEMA_LISTS.includes(key)) {
      if (!isList(value) || value.length === 0) report(here, 'must be a list of schemas')
      else for (const [i, option] of value.entries()) check(option, `${here}/${i}`)
    } else if (Object.hasOwn(KEYWORDS, key)) {
      if (!KEYWORDS[key]!(value)) report(here, `cannot be ${JSON.stringify(value)}`)
    } else if (!key.startsWith('x-')) report(here, 'is no keyword')
  }
  if (isText(schema.$ref)) follow(schema, at)
  checkSense(schema, at, report)
}

/** What is allowed by the letter and would yet be a mistake. */
function checkSense(schema: Json, at: string, report: Report): void {
  const { minimum, maximum, minItems, maxItems, minLength, maxLength, required, properties } = schema
  for (const [least, most] of [
    [minimum, maximum],
    [minItems, maxItems],
    [minLength, maxLength],
  ])
    if (isNumber(least) && isNumber(most) && (least as number) > (most as number)) report(at, 'holds nothing')
  for (const name of (required ?? []) as string[])
    if (!Object.hasOwn((properties ?? {}) as Json, name)) report(at, `requires ${name}, of which it says nothing`)
}
