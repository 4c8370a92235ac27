import type { Random } from './random.ts'

/** A body as it goes over the wire. */
export type Body = string

/** One way of spoiling a request: it is given a value, which it may change, and makes the body of it. */
type Mutation = (value: unknown, random: Random) => Body

/** Numbers that JSON can write and programs stumble over; as text, since some are no JavaScript numbers. */
const HUGE = [
  '1e308',
  '-1e308',
  '1e999',
  '-1e999',
  '9007199254740993',
  '-9223372036854775809',
  '18446744073709551616',
  '4294967296',
  '1e-320',
  '-0',
  '2147483648',
]

const ODD_TEXTS = [
  '\u0000',
  '\ud800',
  '\udc00\ud83d',
  '\uffff\ufffe',
  '\u202e\u2066',
  '👩‍👩‍👧‍👦'.repeat(50),
  `e${'\u0301'.repeat(500)}`,
  '\r\n\r\ndata: [DONE]\n\n',
  '\u001b[2J',
  '{{ 7*7 }}{% for x in range(1e9) %}',
  '../../../etc/passwd',
  'a'.repeat(100_000),
]

const ODD_NAMES = [
  '__proto__',
  'constructor',
  'toString',
  '',
  ' ',
  'a'.repeat(5000),
  '日本',
  '\u0000',
  'messages ',
  'MODEL',
  '$ref',
]

const OTHER_TYPES = [null, true, false, 0, -1, 1.5, '', 'text', [], [[]], {}, { a: [] }, [null], ['text', 1]]

const plain = (value: unknown): Body => JSON.stringify(value) ?? 'null'

/** How requests are spoiled, by name. */
export const MUTATIONS = {
  none: plain,
  wrongType: (value, random) => plain(replaced(value, random, () => random.pick(OTHER_TYPES))),
  missing: (value, random) => plain(without(value, random)),
  extra: (value, random) => {
    const name = random.pick(ODD_NAMES)
    const odd = JSON.stringify(random.pick<unknown>([...OTHER_TYPES, ...ODD_TEXTS]))
    const body = plain(value)
    if (!body.startsWith('{')) return body
    // By hand: as a property of an object, __proto__ would not be written.
    return `{${JSON.stringify(name)}:${odd}${body === '{}' ? '' : ','}${body.slice(1)}`
  },
  deep: (value, random) => {
    const depth = random.pick([10, 63, 64, 65, 500, 10_000])
    const [open, close] = random.pick([
      ['[', ']'],
      ['{"a":', '}'],
    ] as const)
    const nested = open.repeat(depth) + (open === '[' ? '' : '1') + close.repeat(depth)
    return spliced(value, random, nested)
  },
  huge: (value, random) => spliced(value, random, random.pick(HUGE), isNumber),
  oddText: (value, random) => spliced(value, random, JSON.stringify(random.pick(ODD_TEXTS)), isString),
  cut: (value, random) => {
    const body = plain(value)
    return body.slice(0, random.int(0, body.length - 1))
  },
  garbled: (value, random) => {
    const body = plain(value)
    const at = random.int(0, body.length - 1)
    return body.slice(0, at) + String.fromCharCode(random.int(0, 126)) + body.slice(at + 1)
  },
  twice: (value, random) => {
    const body = plain(value)
    const [name] = Object.keys(value ?? {})
    if (name === undefined || !body.startsWith('{')) return body
    return `{${JSON.stringify(name)}:${JSON.stringify(random.pick(OTHER_TYPES))},${body.slice(1)}`
  },
} as const satisfies Record<string, Mutation>

export type MutationName = keyof typeof MUTATIONS

type Path = readonly (string | number)[]

const isNumber = (value: unknown) => typeof value === 'number'
const isString = (value: unknown) => typeof value === 'string'

/** Where the values in `value` lie, itself left out. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return path.length > 0 ? [path] : []
  const inner = Object.entries(value).flatMap(([key, item]) =>
    pathsOf(item, [...path, Array.isArray(value) ? Number(key) : key]),
  )
  return path.length > 0 ? [path, ...inner] : inner
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], value)
}

function replaced(
  value: unknown,
  random: Random,
  make: () => unknown,
  wanted: (value: unknown) => boolean = () => true,
): unknown {
  const all = pathsOf(value)
  const fitting = all.filter(path => wanted(at(value, path)))
  const paths = fitting.length > 0 ? fitting : all
  if (paths.length === 0) return make()
  const path = random.pick(paths)
  const copy = structuredClone(value)
  const parent = at(copy, path.slice(0, -1)) as Record<string | number, unknown>
  parent[path.at(-1)!] = make()
  return copy
}

function without(value: unknown, random: Random): unknown {
  const paths = pathsOf(value)
  if (paths.length === 0) return undefined
  const path = random.pick(paths)
  const copy = structuredClone(value)
  const parent = at(copy, path.slice(0, -1)) as Record<string | number, unknown>
  if (Array.isArray(parent)) parent.splice(path.at(-1) as number, 1)
  else delete parent[path.at(-1)!]
  return copy
}

const PLACE = '\u0001here\u0001'

/** `json` as it is, where a value stood. */
function spliced(value: unknown, random: Random, json: string, wanted?: (value: unknown) => boolean): Body {
  return plain(replaced(value, random, () => PLACE, wanted)).replace(JSON.stringify(PLACE), () => json)
}
