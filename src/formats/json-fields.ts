import { FormatError } from './errors.ts'
import type { Json, JsonObject } from './json.ts'
import { quote } from './quote.ts'

export interface Range {
  readonly min: number
  readonly max: number
}

/**
 * An untrusted JSON object read field by field, each with its type and range; what is wrong is a {@link FormatError}
 * that names the field. A field that is `null` counts as left out.
 */
export class JsonFields {
  constructor(
    readonly path: string,
    readonly object: JsonObject,
    /** Where the object lies in its file, e.g. `text_config.`. */
    readonly prefix = '',
  ) {}

  static of(path: string, value: Json, prefix = ''): JsonFields {
    if (!isObject(value))
      throw new FormatError(path, `${prefix ? quote(prefix.slice(0, -1)) : 'the file'} is not an object`)
    return new JsonFields(path, value, prefix)
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  /** The value as it is; undefined for one that is left out or null. */
  get(name: string): Exclude<Json, null> | undefined {
    return this.object[name] ?? undefined
  }

  /** Without `fallback` the field must be there. */
  integer(name: string, range: Range, fallback?: number): number {
    const value = this.number(name, range, fallback)
    if (!Number.isSafeInteger(value)) this.fail(name, `is ${value}, not a whole number`)
    return value
  }

  number(name: string, { min, max }: Range, fallback?: number): number {
    const value = this.get(name) ?? fallback
    if (value === undefined) return this.missing(name)
    if (typeof value !== 'number') return this.fail(name, `is ${kind(value)}, not a number`)
    if (!(value >= min && value <= max)) this.fail(name, `is ${value}, outside ${min} … ${max}`)
    return value
  }

  boolean(name: string, fallback: boolean): boolean {
    const value = this.get(name) ?? fallback
    if (typeof value !== 'boolean') return this.fail(name, `is ${kind(value)}, not true or false`)
    return value
  }

  string(name: string, fallback?: string): string {
    const value = this.get(name) ?? fallback
    if (value === undefined) return this.missing(name)
    if (typeof value !== 'string') return this.fail(name, `is ${kind(value)}, not a string`)
    return value
  }

  /** A number or a list of them, as `eos_token_id` has it; empty when left out. */
  integers(name: string, range: Range): readonly number[] {
    if (!this.has(name)) return []
    if (!Array.isArray(this.get(name))) return [this.integer(name, range)]
    return this.#items(name, (items, itsName) => items.integer(itsName, range))
  }

  /** A list; undefined when left out. */
  strings(name: string): readonly string[] | undefined {
    const value = this.get(name)
    if (value === undefined) return undefined
    if (!Array.isArray(value)) return this.fail(name, `is ${kind(value)}, not a list`)
    return this.#items(name, (items, itsName) => items.string(itsName))
  }

  #items<T>(name: string, read: (items: JsonFields, itsName: string) => T): readonly T[] {
    const named = (this.get(name) as readonly Json[]).map((item, i) => [`${name}[${i}]`, item] as const)
    const items = new JsonFields(this.path, Object.fromEntries(named), this.prefix)
    return named.map(([itsName]) => read(items, itsName))
  }

  /** The object under `name`; undefined when left out. */
  child(name: string): JsonFields | undefined {
    const value = this.get(name)
    return value === undefined ? undefined : JsonFields.of(this.path, value, `${this.prefix}${name}.`)
  }

  missing(name: string): never {
    throw new FormatError(this.path, `${quote(this.prefix + name)} is missing`)
  }

  fail(name: string, reason: string): never {
    throw new FormatError(this.path, `${quote(this.prefix + name)} ${reason}`)
  }
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function kind(value: Json): string {
  if (typeof value === 'string') return `the string ${quote(value)}`
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : String(value)
}
