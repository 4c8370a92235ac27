import type { JsonSchema } from '../openapi/json-schema.ts'

/** Beyond what anybody counts: such a maximum says nothing to a reader. */
const COUNTLESS = Number.MAX_SAFE_INTEGER

const NAMES: Readonly<Record<string, string>> = { boolean: 'true or false', integer: 'whole number' }

/**
 * What a value may be, in a few words; null goes without saying.
 *
 * @example typeWords({ type: ['number', 'null'], exclusiveMinimum: 0, maximum: 1 }) // 'number, above 0, up to 1'
 */
export function typeWords(schema: JsonSchema): string {
  if (schema.$ref) return schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return listed(schema.enum.filter(value => value !== null).map(value => String(value)))
  const options = schema.anyOf ?? schema.oneOf
  if (options) return listed(options.filter(({ type }) => type !== 'null').map(typeWords))
  const types = [schema.type ?? []].flat().filter(type => type !== 'null')
  return types.length === 0 ? 'anything' : listed(types.map(type => named(type, schema)))
}

function named(type: string, schema: JsonSchema): string {
  if (type === 'array') return schema.title ?? `list of ${bounds(schema.minItems, schema.maxItems)}${itemWords(schema)}`
  if (type === 'object') return schema.title ?? 'object'
  const word = NAMES[type] ?? type
  if (type === 'string') {
    const length = bounds(schema.minLength, schema.maxLength)
    return length ? `${word} of ${length}characters` : word
  }
  return [word, ...rangeWords(schema)].join(', ')
}

function itemWords({ items = {} }: JsonSchema): string {
  if (items.title) return `${items.title}s`
  if (items.anyOf) return `any of: ${typeWords(items)}`
  return items.type === 'string' || items.type === 'integer' || items.type === 'object'
    ? `${NAMES[items.type] ?? items.type}s`
    : typeWords(items)
}

function rangeWords({ minimum, exclusiveMinimum, maximum }: JsonSchema): string[] {
  const most = maximum === undefined || maximum >= COUNTLESS ? undefined : shown(maximum)
  if (exclusiveMinimum !== undefined) return [`above ${shown(exclusiveMinimum)}`, ...(most ? [`up to ${most}`] : [])]
  if (minimum === undefined || minimum <= -COUNTLESS) return most ? [`up to ${most}`] : []
  return [most ? `${shown(minimum)} to ${most}` : `${shown(minimum)} or more`]
}

function bounds(least = 0, most?: number): string {
  if (most === undefined || most >= COUNTLESS) return least > 1 ? `at least ${shown(least)} ` : ''
  return least > 0 ? `${shown(least)} to ${shown(most)} ` : `up to ${shown(most)} `
}

/** With a true minus, and thin spaces between the thousands of long numbers. */
function shown(number: number): string {
  const digits = String(number).replace('-', '−')
  return /^−?\d{5,}$/.test(digits) ? digits.replace(/\B(?=(?:\d{3})+$)/g, '\u202f') : digits
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}
