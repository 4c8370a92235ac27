import type { Numbers, Operation } from '../communicator.ts'

/**
 * `into` ← `into` ∘ `from`, element by element. Integers wrap at their size, as in C; of a number
 * and NaN, all operations give NaN.
 */
export function combine(into: Numbers, from: Numbers, operation: Operation): void {
  if (into instanceof BigInt64Array || into instanceof BigUint64Array) {
    each(into, from as BigInt64Array, OF_BIGINTS[operation])
    return
  }
  const whole = into instanceof Int32Array || into instanceof Uint32Array
  each(into, from as Float64Array, operation === 'product' && whole ? Math.imul : OF_NUMBERS[operation])
}

function each<V>(into: { [i: number]: V; length: number }, from: ArrayLike<V>, apply: (a: V, b: V) => V): void {
  for (let i = 0; i < into.length; i++) into[i] = apply(into[i]!, from[i]!)
}

const OF_NUMBERS: Record<Operation, (a: number, b: number) => number> = {
  sum: (a, b) => a + b,
  product: (a, b) => a * b,
  min: Math.min,
  max: Math.max,
}

const OF_BIGINTS: Record<Operation, (a: bigint, b: bigint) => bigint> = {
  sum: (a, b) => a + b,
  product: (a, b) => a * b,
  // biome-ignore lint/complexity/useMathMinMax: it takes no bigints
  min: (a, b) => (b < a ? b : a),
  // biome-ignore lint/complexity/useMathMinMax: nor does this
  max: (a, b) => (b > a ? b : a),
}
