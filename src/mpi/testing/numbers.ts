import { NUMBER_TYPES } from '../bytes.ts'
import type { Numbers, Operation } from '../communicator.ts'

/** Of which arrays are made that ranks exchange. */
export const ARRAY_TYPES = Object.values(NUMBER_TYPES)

export type ArrayType = (typeof ARRAY_TYPES)[number]

/** What a rank gives: small whole numbers, so that all types hold their sums and products over some ranks exactly. */
export function valuesOf<N extends ArrayType>(type: N, rank: number, length: number): InstanceType<N> {
  const values = new type(length) as Numbers
  for (let i = 0; i < length; i++) set(values, i, valueAt(type, rank, i))
  return values as InstanceType<N>
}

export function expected(type: ArrayType, size: number, length: number, operation: Operation): Numbers {
  const result = new type(length)
  for (let i = 0; i < length; i++) {
    const column = Array.from({ length: size }, (_, rank) => valueAt(type, rank, i))
    set(
      result,
      i,
      column.reduce((a, b) => APPLY[operation](a, b)),
    )
  }
  return result
}

const APPLY: Record<Operation, (a: number, b: number) => number> = {
  sum: (a, b) => a + b,
  product: (a, b) => a * b,
  min: Math.min,
  max: Math.max,
}

/** Signed types get both signs, and 64-bit ones what 32 bits do not hold. */
function valueAt(type: ArrayType, rank: number, i: number): number {
  const value = 1 + ((rank + i) % 3)
  if (i === 4 && (type === BigInt64Array || type === BigUint64Array)) return rank === 0 ? 2 ** 40 : 1
  const signed = type !== Uint8Array && type !== Uint32Array && type !== BigUint64Array
  return signed && (rank + i) % 2 === 1 ? -value : value
}

function set(values: Numbers, i: number, value: number): void {
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) values[i] = BigInt(value)
  else values[i] = value
}
