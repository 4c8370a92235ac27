import { FormatError } from './errors.ts'
import { InputFile } from './file.ts'
import { quote } from './quote.ts'

export type Json = null | boolean | number | string | readonly Json[] | JsonObject
/** Has no prototype: `__proto__`, `constructor` and the like are keys as any other. */
export interface JsonObject {
  readonly [key: string]: Json
}

/** Bounds on what an untrusted file may cost. */
export interface JsonLimits {
  /** Default 4 MiB: a hundred times the largest `config.json`. */
  readonly maxBytes?: number
  /** Objects and arrays within each other. Default 64. */
  readonly maxDepth?: number
  /** Values of any kind, which bounds the memory. Default 2 million. */
  readonly maxValues?: number
}

const DEFAULTS = { maxBytes: 4 << 20, maxDepth: 64, maxValues: 2_000_000 }

/** @throws FormatError where the file is missing, too large or not what {@link parseJson} takes. */
export function readJson(path: string, limits: JsonLimits = {}): Json {
  const maxBytes = limits.maxBytes ?? DEFAULTS.maxBytes
  using file = new InputFile(path)
  if (file.size > maxBytes) throw new FormatError(path, `has ${file.size} bytes; at most ${maxBytes} are read`)
  const bytes = new Uint8Array(file.size)
  file.read(bytes, 0)
  return parseJson(decodeUtf8(bytes, path), path, limits)
}

/** @throws FormatError where the bytes are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new FormatError(path, 'is not valid UTF-8', { cause })
  }
}

/**
 * RFC 8259 and nothing beside it, for text that nobody vouches for. Stricter than `JSON.parse`: a key that comes
 * twice in an object, a number beyond what a double holds and nesting beyond the limit are errors.
 *
 * @throws FormatError with the line and column.
 */
export function parseJson(text: string, path: string, limits: JsonLimits = {}): Json {
  return new Parser(text, path, limits.maxDepth ?? DEFAULTS.maxDepth, limits.maxValues ?? DEFAULTS.maxValues).document()
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const [TAB, NEWLINE, RETURN, SPACE, QUOTE, COMMA, COLON, BACKSLASH] = [9, 10, 13, 32, 34, 44, 58, 92]
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [91, 93, 123, 125]

class Parser {
  #at = 0
  #values = 0

  constructor(
    readonly text: string,
    readonly path: string,
    readonly maxDepth: number,
    readonly maxValues: number,
  ) {}

  document(): Json {
    const value = this.#value(0)
    if (this.#next() >= 0) this.#fail('something follows the end')
    return value
  }

  #value(depth: number): Json {
    if (++this.#values > this.maxValues) this.#fail(`more than ${this.maxValues} values`)
    switch (this.#next()) {
      case OPEN_OBJECT:
        return this.#object(this.#deeper(depth))
      case OPEN_ARRAY:
        return this.#array(this.#deeper(depth))
      case QUOTE:
        return this.#string()
      case 0x74:
        return this.#literal('true', true)
      case 0x66:
        return this.#literal('false', false)
      case 0x6e:
        return this.#literal('null', null)
      default:
        return this.#number()
    }
  }

  #object(depth: number): JsonObject {
    const object: Record<string, Json> = Object.create(null)
    this.#at++
    if (this.#take(CLOSE_OBJECT)) return object
    do {
      if (this.#next() !== QUOTE) this.#fail('a key in double quotes belongs here')
      const start = this.#at
      const key = this.#string()
      if (key in object) this.#fail(`the key ${quote(key)} comes twice`, start)
      if (!this.#take(COLON)) this.#fail('":" belongs here')
      object[key] = this.#value(depth)
    } while (this.#take(COMMA))
    if (!this.#take(CLOSE_OBJECT)) this.#fail('"," or "}" belongs here')
    return object
  }

  #array(depth: number): readonly Json[] {
    const array: Json[] = []
    this.#at++
    if (this.#take(CLOSE_ARRAY)) return array
    do {
      array.push(this.#value(depth))
    } while (this.#take(COMMA))
    if (!this.#take(CLOSE_ARRAY)) this.#fail('"," or "]" belongs here')
    return array
  }

  #string(): string {
    const { text } = this
    const start = this.#at
    let escaped = false
    for (let i = start + 1; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code === QUOTE) {
        this.#at = i + 1
        return escaped ? this.#unescape(start) : text.slice(start + 1, i)
      }
      if (code < SPACE) this.#fail('a control character stands in a string', i)
      if (code === BACKSLASH) {
        escaped = true
        i++
      }
    }
    return this.#fail('this string never ends', start)
  }

  #unescape(start: number): string {
    try {
      return JSON.parse(this.text.slice(start, this.#at)) as string
    } catch {
      return this.#fail('this string holds a bad escape', start)
    }
  }

  #number(): number {
    NUMBER.lastIndex = this.#at
    const literal = NUMBER.exec(this.text)?.[0]
    if (literal === undefined)
      return this.#fail(this.#at < this.text.length ? 'no value begins so' : 'the text ends here')
    const value = Number(literal)
    if (!Number.isFinite(value)) this.#fail('this number is too large')
    this.#at += literal.length
    return value
  }

  #literal<T extends Json>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.#at)) this.#fail('no value begins so')
    this.#at += word.length
    return value
  }

  #deeper(depth: number): number {
    if (depth >= this.maxDepth) this.#fail(`nested more than ${this.maxDepth} deep`)
    return depth + 1
  }

  /** The next character's code past white space, −1 at the end. */
  #next(): number {
    const { text } = this
    for (; this.#at < text.length; this.#at++) {
      const code = text.charCodeAt(this.#at)
      if (code !== SPACE && code !== NEWLINE && code !== RETURN && code !== TAB) return code
    }
    return -1
  }

  #take(code: number): boolean {
    if (this.#next() !== code) return false
    this.#at++
    return true
  }

  #fail(reason: string, at = this.#at): never {
    let line = 1
    let start = 0
    for (let end = this.text.indexOf('\n'); end >= 0 && end < at; end = this.text.indexOf('\n', start)) {
      line++
      start = end + 1
    }
    throw new FormatError(this.path, `is not strict JSON at line ${line}, column ${at - start + 1}: ${reason}`)
  }
}
