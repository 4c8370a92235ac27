/** A binary number type smaller than f32. */
export interface SmallFloat {
  /** Bits of the fraction. */
  readonly fraction: number
  /** Of the smallest normal number, and of all smaller ones. */
  readonly minExponent: number
  readonly largest: number
  /** What a magnitude that rounds to more than `largest` becomes: infinity, or `largest` where the type saturates. */
  readonly overflow: number
}

/** 1.5 · 2²³: added to a float and taken away again, it leaves the nearest integer, ties to even. */
const ROUNDER = 1.5 * 2 ** 23

/** Rounds `values` in place to what the type can hold, ties to even; NaN stays NaN, and a zero keeps its sign. */
export function roundTo(values: Float32Array, type: SmallFloat): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length)
  for (let i = 0; i < values.length; i++) {
    const magnitude = Math.abs(values[i]!)
    const rounder = ROUNDER * unitOf(words[i]!, type)
    const rounded = Math.fround(magnitude + rounder) - rounder
    const sign = words[i]! & 0x8000_0000
    if (Number.isNaN(magnitude)) continue
    values[i] = magnitude > type.largest && !(rounded <= type.largest) ? type.overflow : rounded
    words[i] = (words[i]! | sign) >>> 0
  }
}

/** The bits of a value that the type can hold, without its sign. */
export function encode(magnitude: number, type: SmallFloat): number {
  const word = new Uint32Array(Float32Array.of(magnitude).buffer)[0]!
  // One more step of the largest fraction is the next power of two, so the exponent may be added to the steps.
  return (exponentOf(word, type) - type.minExponent) * 2 ** type.fraction + magnitude / unitOf(word, type)
}

/** The magnitude of `bits`, of which the sign has been taken away. */
export function decode(bits: number, { fraction, minExponent }: SmallFloat): number {
  const exponent = Math.floor(bits / 2 ** fraction)
  const steps = bits % 2 ** fraction
  if (exponent === 0) return steps * 2 ** (minExponent - fraction)
  return (2 ** fraction + steps) * 2 ** (exponent - 1 + minExponent - fraction)
}

/** The distance between neighbours of the type around the float whose bits are `word`. */
function unitOf(word: number, type: SmallFloat): number {
  return 2 ** (exponentOf(word, type) - type.fraction)
}

function exponentOf(word: number, { minExponent }: SmallFloat): number {
  return Math.max(minExponent, ((word >>> 23) & 0xff) - 127)
}
