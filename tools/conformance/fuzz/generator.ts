import type { Random } from './random.ts'
import { type ObjectSchema, resolveReference, type Schema } from './schema.ts'

/** `typical` values lie well within what a schema allows, `boundary` values on its edges. */
export type Manner = 'typical' | 'boundary'

/** Values that recur deeper than this are left out where they may be. */
const DEPTH = 6
const WORDS = ['hello', 'the cache', ' a b ', 'Zürich', '日本語', '🙂', 'x', '0', 'null', '<|end|>', '\n', '']

/** Makes values that a schema allows. */
export class Generator {
  constructor(
    private readonly random: Random,
    /** What references point into. */
    private readonly document: unknown = {},
  ) {}

  value(schema: Schema, manner: Manner, depth = 0): unknown {
    if (typeof schema === 'boolean') return this.#anything()
    if (schema.$ref !== undefined) return this.value(resolveReference(this.document, schema.$ref), manner, depth)
    if ('const' in schema) return schema.const
    if (schema.enum) return this.random.pick(schema.enum)
    if (schema.allOf) return this.value(this.#merged(schema), manner, depth)
    const choices = schema.anyOf ?? schema.oneOf
    if (choices) return this.value(this.random.pick(choices), manner, depth)
    const examples = schema.examples ?? (schema.example === undefined ? [] : [schema.example])
    if (examples.length > 0 && this.random.chance(0.3)) return this.random.pick(examples)
    if (schema.nullable && this.random.chance(0.1)) return null
    return this.#ofType(this.#typeOf(schema), schema, manner, depth)
  }

  #typeOf({ type, properties, items }: ObjectSchema): string | undefined {
    if (type !== undefined) return typeof type === 'string' ? type : this.random.pick(type)
    if (properties) return 'object'
    return items === undefined ? undefined : 'array'
  }

  #ofType(type: string | undefined, schema: ObjectSchema, manner: Manner, depth: number): unknown {
    switch (type) {
      case 'null':
        return null
      case 'boolean':
        return this.random.chance(0.5)
      case 'integer':
      case 'number':
        return this.#number(schema, type === 'integer', manner)
      case 'string':
        return this.#string(schema, manner)
      case 'array':
        return this.#array(schema, manner, depth)
      case 'object':
        return this.#object(schema, manner, depth)
      default:
        return this.#anything()
    }
  }

  #number(schema: ObjectSchema, isWhole: boolean, manner: Manner): number {
    const step = isWhole ? 1 : 1e-6
    const min = schema.minimum ?? (schema.exclusiveMinimum === undefined ? -1000 : schema.exclusiveMinimum + step)
    const max =
      schema.maximum ?? (schema.exclusiveMaximum === undefined ? Math.max(1000, min) : schema.exclusiveMaximum - step)
    if (manner === 'boundary')
      return this.random.pick([min, max, isWhole ? Math.trunc((min + max) / 2) : (min + max) / 2])
    // Small numbers are the ones that mean something in most fields.
    const high = Math.min(max, Math.max(min, 0) + 10)
    return isWhole ? this.random.int(Math.ceil(min), Math.floor(high)) : min + this.random.next() * (high - min)
  }

  #string({ minLength = 0, maxLength = 1000 }: ObjectSchema, manner: Manner): string {
    const length = manner === 'boundary' ? this.random.pick([minLength, Math.min(maxLength, 4096)]) : undefined
    let text = this.random.pick(WORDS)
    const least = length ?? minLength
    if (length !== undefined || text.length < least) text = 'a b '.repeat(Math.ceil(least / 4)).slice(0, least)
    return text.slice(0, maxLength)
  }

  #array(
    { items = true, prefixItems = [], minItems = 0, maxItems = 1000 }: ObjectSchema,
    manner: Manner,
    depth: number,
  ): unknown[] {
    const many =
      manner === 'boundary' ? this.random.pick([minItems, Math.min(maxItems, 64)]) : minItems + this.random.int(0, 2)
    const length = Math.min(maxItems, depth > DEPTH ? minItems : Math.max(many, prefixItems.length))
    return Array.from({ length }, (_, i) => this.value(prefixItems[i] ?? items, manner, depth + 1))
  }

  #object(
    { properties = {}, required = [], additionalProperties }: ObjectSchema,
    manner: Manner,
    depth: number,
  ): object {
    // Few optional ones at a time: each refusal hides all that would come after it.
    const share = depth > DEPTH ? 0 : this.random.pick([0, 0.1, 0.3])
    const chosen = Object.entries(properties).filter(([name]) => required.includes(name) || this.random.chance(share))
    const value: Record<string, unknown> = {}
    for (const [name, schema] of chosen) value[name] = this.value(schema, manner, depth + 1)
    if (typeof additionalProperties === 'object' && this.random.chance(0.5))
      for (let i = this.random.int(1, 3); i > 0; i--)
        value[String(this.random.int(0, 99))] = this.value(additionalProperties, manner, depth + 1)
    return value
  }

  #anything(): unknown {
    return this.random.pick([null, true, 0, -1, 1.5, '', 'text', [], [1], {}, { a: 1 }])
  }

  #merged(schema: ObjectSchema): Schema {
    const { allOf = [], ...rest } = schema
    let merged: ObjectSchema = rest
    for (const part of allOf) {
      const own =
        typeof part === 'object' && part.$ref !== undefined ? resolveReference(this.document, part.$ref) : part
      if (typeof own === 'boolean') continue
      merged = {
        ...merged,
        ...own,
        properties: { ...merged.properties, ...own.properties },
        required: [...(merged.required ?? []), ...(own.required ?? [])],
      }
    }
    return merged
  }
}
