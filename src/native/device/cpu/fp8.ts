import { decode, encode, roundTo, type SmallFloat } from './small-float.ts'

/** The largest E4M3 number. */
export const FP8_LARGEST = 448

/** E4M3 (Micikevicius et al. 2022): 4 exponent bits, 3 of fraction; no infinities, and all ones is NaN. */
const FP8: SmallFloat = { fraction: 3, minExponent: -6, largest: FP8_LARGEST, overflow: FP8_LARGEST }

/** The smallest float whose precision is whole: below it, quotients are no longer what they should be. */
const SMALLEST_NORMAL = 2 ** -126

/** Rounds `values` in place to what fp8 can hold: to nearest, ties to even; beyond ±448 to ±448. */
export function roundToFp8(values: Float32Array): void {
  roundTo(values, FP8)
}

/** Packs each value into the fp8 nearest to it. `to[at…]` is written. */
export function packFp8(to: Uint8Array, at: number, values: Float32Array): void {
  const rounded = values.slice()
  roundToFp8(rounded)
  for (let i = 0; i < rounded.length; i++) {
    const value = rounded[i]!
    const sign = value < 0 || Object.is(value, -0) ? 0x80 : 0
    to[at + i] = Number.isNaN(value) ? 0x7f : sign | encode(Math.abs(value), FP8)
  }
}

/** The floats of `bits`. */
export function unpackFp8(bits: Uint8Array): Float32Array {
  return Float32Array.from(bits, byte => {
    const magnitude = byte & 0x7f
    if (magnitude === 0x7f) return Number.NaN
    const value = decode(magnitude, FP8)
    return byte > 0x7f ? -value : value
  })
}

/**
 * Quantises one row of a weight to fp8 in place: `scale = max|w| / 448`, `q = fp8(w / scale)`, so that `w ≈ q · scale`.
 * A row of zeros, or next to nothing, has scale 0.
 *
 * @param row - `[inner]`; becomes q
 * @returns the scale, a float
 */
export function quantiseRowToFp8(row: Float32Array): number {
  let largest = 0
  for (let k = 0; k < row.length; k++) largest = Math.max(largest, Math.abs(row[k]!))
  const scale = Math.fround(largest / FP8_LARGEST)
  if (scale < SMALLEST_NORMAL) {
    row.fill(0)
    return 0
  }
  for (let k = 0; k < row.length; k++) row[k] = row[k]! / scale
  roundToFp8(row)
  return scale
}
