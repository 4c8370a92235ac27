/** Python's own white space, as `str.strip()` takes it off; JavaScript's differs by U+FEFF and some controls. */
const SPACE = new Set([...' \t\n\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000'])
for (let code = 0x2000; code <= 0x200a; code++) SPACE.add(String.fromCharCode(code))

/** `fits(n)` throws where a result of n characters would be too long. */
type Method = (self: string, args: readonly unknown[], fits: (length: number) => void) => unknown

/**
 * Methods of strings in which `@huggingface/jinja` differs from Python (`strip` takes no characters off there, and
 * so on), that it lacks, or whose results could be huge. Arguments by name come last, as a map.
 */
export const STRING_METHODS: Readonly<Record<string, Method>> = {
  strip: (self, args) => strip(self, args, true, true),
  lstrip: (self, args) => strip(self, args, true, false),
  rstrip: (self, args) => strip(self, args, false, true),
  removeprefix: (self, args) => {
    const prefix = text(args[0])
    return self.startsWith(prefix) ? self.slice(prefix.length) : self
  },
  removesuffix: (self, args) => {
    const suffix = text(args[0])
    return self.endsWith(suffix) ? self.slice(0, self.length - suffix.length) : self
  },
  capitalize: self => {
    const [first = '', ...rest] = self
    return first.toUpperCase() + rest.join('').toLowerCase()
  },
  find: (self, args) => self.indexOf(text(args[0])),
  count: (self, args) => occurrences(self, text(args[0])),
  replace: (self, args, fits) => {
    const [from, to, limit] = [text(args[0]), text(args[1]), argument(args, 2, 'count')]
    const times = Math.min(occurrences(self, from), typeof limit === 'number' && limit >= 0 ? limit : Infinity)
    fits(self.length + times * (to.length - from.length))
    return replace(self, from, to, times)
  },
  /** The filter; Python's strings have no such method. */
  indent: (self, args, fits) => {
    const width = argument(args, 0, 'width') ?? 4
    const pad = typeof width === 'number' ? width : text(width).length
    const [first, blank] = [argument(args, 1, 'first'), argument(args, 2, 'blank')]
    const lines = self.split('\n')
    fits(self.length + lines.length * pad)
    const prefix = typeof width === 'string' ? width : ' '.repeat(Math.max(0, pad))
    return lines.map((line, i) => ((i === 0 && !first) || (line === '' && !blank) ? line : prefix + line)).join('\n')
  },
}

function text(value: unknown): string {
  if (typeof value === 'string') return value
  throw new Error('a string method needs a string')
}

/** By place or by name. */
function argument(args: readonly unknown[], place: number, name: string): unknown {
  const names = args.at(-1)
  const placed = args[place] instanceof Map ? undefined : args[place]
  const named = names instanceof Map ? (names as ReadonlyMap<string, { readonly value: unknown }>).get(name) : undefined
  return placed ?? named?.value ?? undefined
}

function strip(self: string, args: readonly unknown[], left: boolean, right: boolean): string {
  const chars = argument(args, 0, 'chars')
  const taken = chars === undefined ? SPACE : new Set(text(chars))
  let [start, end] = [0, self.length]
  if (left) while (start < end && taken.has(self[start]!)) start++
  if (right) while (end > start && taken.has(self[end - 1]!)) end--
  return self.slice(start, end)
}

function occurrences(self: string, part: string): number {
  if (part === '') return [...self].length + 1
  let count = 0
  for (let at = self.indexOf(part); at >= 0; at = self.indexOf(part, at + part.length)) count++
  return count
}

function replace(self: string, from: string, to: string, times: number): string {
  if (times === 0) return self
  const parts = from === '' ? ['', ...self, ''] : self.split(from)
  const head = parts.slice(0, times + 1).join(to)
  return times + 1 < parts.length ? [head, ...parts.slice(times + 1)].join(from) : head
}
