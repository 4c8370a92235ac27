import { decode, encode, roundTo, type SmallFloat } from './small-float.ts'

/** IEEE 754 binary16: 5 exponent bits, 10 of fraction. */
const F16: SmallFloat = { fraction: 10, minExponent: -14, largest: 65504, overflow: Number.POSITIVE_INFINITY }

/** Rounds `values` in place to what f16 can hold: to nearest, ties to even; infinite from 65520 on. */
export function roundToF16(values: Float32Array): void {
  roundTo(values, F16)
}

/** Packs each value into the f16 nearest to it. `to[at…]` is written. */
export function packF16(to: Uint16Array, at: number, values: Float32Array): void {
  const rounded = values.slice()
  roundToF16(rounded)
  for (let i = 0; i < rounded.length; i++) {
    const value = rounded[i]!
    const magnitude = Math.abs(value)
    const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
    if (Number.isNaN(value)) to[at + i] = 0x7fff
    else to[at + i] = sign | (magnitude === Number.POSITIVE_INFINITY ? 0x7c00 : encode(magnitude, F16))
  }
}

/** The floats of `bits`. */
export function unpackF16(bits: Uint16Array): Float32Array {
  return Float32Array.from(bits, half => {
    const magnitude = half & 0x7fff
    if (magnitude > 0x7c00) return Number.NaN
    const value = magnitude === 0x7c00 ? Number.POSITIVE_INFINITY : decode(magnitude, F16)
    return half > 0x7fff ? -value : value
  })
}
