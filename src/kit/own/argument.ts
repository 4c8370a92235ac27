import { FORMATS, isNumberType, type NumberType } from '../numbers.ts'
import { KernelFileError } from './errors.ts'

/** What a kernel is launched with: memory or a number. */
export type Argument = BufferArgument | ScalarArgument

export interface BufferArgument {
  readonly kind: 'buffer'
  readonly type: NumberType
  readonly length: number
  /** What lies in it: random values, 0, 1, 2, …, or one value everywhere. */
  readonly fill: 'random' | 'iota' | number
  readonly text: string
}

export interface ScalarArgument {
  readonly kind: 'scalar'
  readonly type: 'i32' | 'u32' | 'f32' | 'f64' | 'u64'
  readonly value: number
  readonly text: string
}

const SCALARS = ['i32', 'u32', 'f32', 'f64', 'u64'] as const

/** `f32[1024]=random`, `i32[8]=iota`, `f32[1024]` (zeros), `u32=1024`; several with blanks between them. */
export function parseArguments(texts: readonly string[]): readonly Argument[] {
  return texts.flatMap(text => text.split(/[\s,]+/).filter(Boolean)).map(parseArgument)
}

function parseArgument(text: string): Argument {
  const match = /^([a-z]+\d+)(?:\[(\d+)\])?(?:=(.+))?$/.exec(text)
  const [, type = '', length, value] = match ?? []
  if (length === undefined) return parseScalar(text, type, value)
  const count = Number(length)
  if (!isNumberType(type) || !Number.isSafeInteger(count) || count < 1) return refuse(text)
  if (value === undefined) return { kind: 'buffer', type, length: count, fill: 0, text }
  if (value === 'random' || value === 'iota') return { kind: 'buffer', type, length: count, fill: value, text }
  return { kind: 'buffer', type, length: count, fill: parseNumber(text, value), text }
}

function parseScalar(text: string, type: string, value: string | undefined): ScalarArgument {
  const scalar = SCALARS.find(each => each === type)
  if (scalar === undefined || value === undefined) return refuse(text)
  const number = parseNumber(text, value)
  const isWhole = scalar !== 'f32' && scalar !== 'f64'
  if (isWhole && !Number.isSafeInteger(number)) return refuse(text)
  return { kind: 'scalar', type: scalar, value: number, text }
}

function parseNumber(text: string, value: string): number {
  const number = Number(value)
  return Number.isFinite(number) ? number : refuse(text)
}

function refuse(text: string): never {
  const types = Object.keys(FORMATS).join(', ')
  throw new KernelFileError(
    `--args: "${text}" is no argument: write f32[1024]=random, f32[1024]=0, i32[8]=iota or u32=1024, of ${types}`,
  )
}
