/** bfloat16 is the upper half of a float: 8 exponent bits, 7 of mantissa. */

const word = new Uint32Array(1)
const float = new Float32Array(word.buffer)

/** The 16 bits of the bfloat16 nearest to `value`, ties to even; NaN stays NaN. */
export function toBf16(value: number): number {
  float[0] = value
  const bits = word[0]!
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff
}

export function fromBf16(bits: number): number {
  word[0] = bits << 16
  return float[0]!
}

/** Rounds `values[from … to)` in place to what bfloat16 can hold. */
export function roundToBf16(values: Float32Array, from: number, to: number): void {
  for (let i = from; i < to; i++) values[i] = fromBf16(toBf16(values[i]!))
}
