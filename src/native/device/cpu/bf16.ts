/** bfloat16 is the upper half of a float: 8 exponent bits, 7 of mantissa. */

/** Packs each value into the bfloat16 nearest to it, ties to even; NaN stays NaN. `to[at…]` is written. */
export function packBf16(to: Uint16Array, at: number, values: Float32Array): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length)
  for (let i = 0; i < words.length; i++) to[at + i] = rounded(words[i]!)
}

/** The floats of `bits`. */
export function unpackBf16(bits: Uint16Array): Float32Array {
  const words = Uint32Array.from(bits, half => half << 16)
  return new Float32Array(words.buffer)
}

/** Rounds `values` in place to what bfloat16 can hold. */
export function roundToBf16(values: Float32Array): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length)
  for (let i = 0; i < words.length; i++) words[i] = rounded(words[i]!) << 16
}

/** The upper half, to nearest, of a float's bits. */
function rounded(bits: number): number {
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16
}
