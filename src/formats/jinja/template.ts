import { BoundedInterpreter, LimitError } from './bounded-interpreter.ts'
import { Environment, type Node, parse, tokenize } from './engine.ts'
import { strftime } from './strftime.ts'

/** Characters; the longest chat templates known have 40 000. */
const MAX_TEMPLATE = 256 << 10
/** Characters of white space in a row: the library's reader is quadratic in them. */
const MAX_SPACE = 1024
/** What a template may print beside four times its input. */
const BASE_LENGTH = 1 << 20
/** A step takes about a microsecond. Templates take 20 to 300 for a message, that is for three or more values. */
const BASE_WORK = 500_000
const WORK_A_VALUE = 200
const MAX_RANGE = 100_000

/** What `raise_exception` throws: the template does not take this input. */
export class RaisedError extends Error {}

/**
 * A Jinja template as transformers runs it: blocks trimmed, `raise_exception`, `strftime_now`, `tojson` without HTML
 * escapes. It sees its variables and nothing of the host.
 *
 * Bounded: the template's size, every text and list on the way, the output and the steps, all in proportion to the
 * input (see {@link BoundedInterpreter}). Not bounded: the time of a single operation beyond its operands' length,
 * and memory beyond some ten times what a text may have.
 */
export class Template {
  readonly #program: Node

  /** @throws Error that says why it cannot be read */
  constructor(source: string) {
    if (source.length > MAX_TEMPLATE) throw new LimitError(`has more than ${MAX_TEMPLATE} characters`)
    if (new RegExp(`\\s{${MAX_SPACE}}`).test(source)) throw new LimitError(`has ${MAX_SPACE} spaces in a row`)
    this.#program = parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true }))
  }

  /** @throws RaisedError, LimitError, or an Error of the library's own */
  render(variables: Readonly<Record<string, unknown>>): string {
    const scope = new Environment()
    for (const [name, value] of Object.entries({ ...GLOBALS, ...variables })) {
      // The library declares this one itself.
      if (name !== 'namespace') scope.set(name, value)
    }
    const { characters, values } = measure(variables)
    const maxLength = BASE_LENGTH + 4 * characters
    const interpreter = new BoundedInterpreter(scope, maxLength, BASE_WORK + WORK_A_VALUE * values + characters / 4)
    return String(interpreter.run(this.#program).value)
  }
}

const GLOBALS: Readonly<Record<string, unknown>> = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
  raise_exception: (message: unknown) => {
    throw new RaisedError(String(message))
  },
  strftime_now: (format: unknown) => strftime(new Date(), String(format)),
  range,
}

function range(first: unknown, second?: unknown, third: unknown = 1): number[] {
  const [start, stop] = second === undefined ? [0, first] : [first, second]
  const bounds = [start, stop, third]
  if (!bounds.every(bound => Number.isSafeInteger(bound)) || third === 0) throw new Error('range needs whole numbers')
  const [from, to, step] = bounds as [number, number, number]
  const length = Math.max(0, Math.ceil((to - from) / step))
  if (length > MAX_RANGE) throw new LimitError(`counts further than ${MAX_RANGE}`)
  return Array.from({ length }, (_, i) => from + i * step)
}

/** Characters as printed, roughly, and how many values hold them. */
function measure(value: unknown): { characters: number; values: number } {
  if (typeof value === 'string') return { characters: value.length, values: 1 }
  if (typeof value !== 'object' || value === null) return { characters: 8, values: 1 }
  let [characters, values] = [0, 1]
  for (const [key, item] of Object.entries(value)) {
    const inner = measure(item)
    characters += key.length + 16 + inner.characters
    values += inner.values
  }
  return { characters, values }
}
