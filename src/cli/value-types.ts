import type { Extent } from '../cuda/index.ts'
import type { DeviceName } from '../native/index.ts'

/**
 * How a value is read, be it text from the command line or a variable, or JSON from the config file.
 * `read` gives `undefined` for what it does not understand; `expects` completes "expected …".
 */
export interface ValueType<T> {
  readonly expects: string
  read(raw: unknown): T | undefined
  /** Given several times on the command line, the values gather in a list. */
  readonly repeats?: true
}

export const text: ValueType<string> = {
  expects: 'text',
  read: raw => (typeof raw === 'string' ? raw : undefined),
}

/** `min` and `max` belong to the range; `over` does not. */
export function number(range: { min?: number; over?: number; max?: number; whole?: true } = {}): ValueType<number> {
  const { min = Number.NEGATIVE_INFINITY, over = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = range
  return {
    expects: describe(range),
    read: raw => {
      const value = typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : raw
      if (typeof value !== 'number' || Number.isNaN(value) || (range.whole && !Number.isSafeInteger(value))) return
      return value >= min && value > over && value <= max ? value : undefined
    },
  }
}

function describe({ min, over, max, whole }: { min?: number; over?: number; max?: number; whole?: true }): string {
  const kind = whole ? 'a whole number' : 'a number'
  if (min !== undefined && max !== undefined) return `${kind} from ${min} to ${max}`
  if (over !== undefined && max !== undefined) return `${kind} above ${over} and up to ${max}`
  if (over !== undefined) return `${kind} above ${over}`
  return min === undefined ? kind : `${kind}, ${min} or more`
}

export function choice<const T extends string>(...choices: readonly T[]): ValueType<T> {
  return { expects: `one of ${choices.join(', ')}`, read: raw => choices.find(each => each === raw) }
}

/** See {@link DeviceName}. */
export const device: ValueType<DeviceName> = {
  expects: 'auto, cpu, cpu-reference, cuda or cuda:N',
  read: raw => (/^(auto|cpu|cpu-reference|cuda(:\d{1,3})?)$/.test(String(raw)) ? (raw as DeviceName) : undefined),
}

const FLAGS = new Map<unknown, boolean>([
  [true, true],
  ['true', true],
  ['1', true],
  [false, false],
  ['false', false],
  ['0', false],
])

export const flag: ValueType<boolean> = { expects: 'true or false', read: raw => FLAGS.get(raw) }

/** One or several, e.g. `1,8,32`; in the config file a list as well. */
export function numbers(range: Parameters<typeof number>[0] = {}): ValueType<readonly number[]> {
  const one = number(range)
  return {
    expects: `${one.expects}, or several like 1,8,32`,
    read: raw => {
      const all = (Array.isArray(raw) ? raw : String(raw).split(',')).map(one.read)
      return all.includes(undefined) ? undefined : (all as number[])
    },
  }
}

/** One text, or a list of texts. */
export const texts: ValueType<readonly string[]> = {
  expects: 'text, or a list of texts',
  repeats: true,
  read: raw => {
    const list: unknown[] = Array.isArray(raw) ? raw : [raw]
    return list.every(each => typeof each === 'string') ? list : undefined
  },
}

const UNITS: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 }

/** Bytes, e.g. `1073741824`, `512MiB`, `1.5GiB`. */
export const size: ValueType<number> = {
  expects: 'a size such as 512MiB or 2GiB',
  read: raw => {
    const match = /^(\d+(?:\.\d+)?)\s*(|KiB|MiB|GiB|TiB)$/.exec(String(raw))
    const bytes = match ? Math.round(Number(match[1]) * (UNITS[match[2] ?? ''] ?? 1)) : 0
    return bytes > 0 && Number.isSafeInteger(bytes) ? bytes : undefined
  },
}

/** A share of something, e.g. `90%`, as 0.9; or bytes, as {@link size} has them. */
export const share: ValueType<number> = {
  expects: 'a share such as 90% or a size such as 2GiB',
  read: raw => {
    const percent = /^(\d+(?:\.\d+)?)\s*%$/.exec(String(raw))?.[1]
    if (percent === undefined) return size.read(raw)
    return Number(percent) > 0 && Number(percent) <= 100 ? Number(percent) / 100 : undefined
  },
}

const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 }

/** In seconds, e.g. `500ms`, `30s`, `2m`; a number alone is seconds. */
export const duration: ValueType<number> = {
  expects: 'a duration such as 500ms, 30s or 2m',
  read: raw => {
    const match = /^(\d+(?:\.\d+)?)\s*(|ms|s|m|h)$/.exec(String(raw))
    const seconds = match ? Number(match[1]) * (SECONDS[match[2] || 's'] ?? 1) : 0
    return seconds > 0 && Number.isFinite(seconds) ? seconds : undefined
  },
}

/** Along x, or along x, y and z: `64`, `64x2`, `[64, 2]`. */
export const extent: ValueType<Extent> = {
  expects: 'a size such as 256 or 16x16',
  read: raw => {
    const sizes = (Array.isArray(raw) ? raw.map(String) : String(raw).split(/[x×]/)).map(size =>
      /^[1-9]\d{0,9}$/.test(size) ? Number(size) : undefined,
    )
    const [x, y = 1, z = 1] = sizes
    return sizes.length > 3 || sizes.includes(undefined) || x === undefined ? undefined : [x, y, z]
  },
}
