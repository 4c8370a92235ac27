/** The number types of kernels, on the host: how they lie in memory, and their values. */
export type NumberType = 'f32' | 'f16' | 'bf16' | 'fp8' | 'f64' | 'u32' | 'i32' | 'u8' | 'i8'

/** What lies in memory: the bits of f16, bf16 and fp8, the values of others. */
export type Bits = Float32Array | Float64Array | Uint32Array | Int32Array | Uint16Array | Uint8Array | Int8Array

interface Format {
  readonly bytes: number
  readonly bits: (buffer: ArrayBuffer) => Bits
  /** The value of one element's bits. */
  readonly decode: (bits: number) => number
  /** To nearest, ties to even. */
  readonly encode: (value: number) => number
}

const same = (value: number): number => value
const whole =
  (low: number, high: number) =>
  (value: number): number =>
    Math.min(Math.max(Math.trunc(value), low), high)

export const FORMATS: Readonly<Record<NumberType, Format>> = {
  f32: { bytes: 4, bits: buffer => new Float32Array(buffer), decode: same, encode: Math.fround },
  f64: { bytes: 8, bits: buffer => new Float64Array(buffer), decode: same, encode: same },
  f16: { bytes: 2, bits: buffer => new Uint16Array(buffer), decode: decoder(5, 10, true), encode: encodeF16 },
  bf16: { bytes: 2, bits: buffer => new Uint16Array(buffer), decode: decoder(8, 7, true), encode: encodeBf16 },
  fp8: { bytes: 1, bits: buffer => new Uint8Array(buffer), decode: decoder(4, 3, false), encode: encodeFp8 },
  u32: { bytes: 4, bits: buffer => new Uint32Array(buffer), decode: same, encode: whole(0, 0xffff_ffff) },
  i32: { bytes: 4, bits: buffer => new Int32Array(buffer), decode: same, encode: whole(-(2 ** 31), 2 ** 31 - 1) },
  u8: { bytes: 1, bits: buffer => new Uint8Array(buffer), decode: same, encode: whole(0, 255) },
  i8: { bytes: 1, bits: buffer => new Int8Array(buffer), decode: same, encode: whole(-128, 127) },
}

export function isNumberType(name: string): name is NumberType {
  return Object.hasOwn(FORMATS, name)
}

/** What memory holds, as numbers. */
export function decodeAll(type: NumberType, bits: Bits): Float64Array {
  return Float64Array.from(bits, FORMATS[type].decode)
}

/** A float of so many bits; without infinities (E4M3) only all ones is no number. */
function decoder(exponentBits: number, mantissaBits: number, infinities: boolean): (bits: number) => number {
  const bias = 2 ** (exponentBits - 1) - 1
  const [ones, steps] = [2 ** exponentBits - 1, 2 ** mantissaBits]
  return bits => {
    const sign = (bits >> (exponentBits + mantissaBits)) & 1 ? -1 : 1
    const exponent = (bits >> mantissaBits) & ones
    const mantissa = bits & (steps - 1)
    if (exponent === ones && infinities) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
    if (exponent === ones && mantissa === steps - 1) return Number.NaN
    const fraction = exponent === 0 ? mantissa / steps : 1 + mantissa / steps
    return sign * fraction * 2 ** (Math.max(exponent, 1) - bias)
  }
}

function encodeF16(value: number): number {
  return encodeFloat(value, {
    bias: 15,
    mantissaBits: 10,
    largest: 65_504,
    overflow: 0x7c00,
    nan: 0x7e00,
    sign: 0x8000,
  })
}

function encodeFp8(value: number): number {
  return encodeFloat(value, { bias: 7, mantissaBits: 3, largest: 448, overflow: 0x7e, nan: 0x7f, sign: 0x80 })
}

interface SmallFloat {
  readonly bias: number
  readonly mantissaBits: number
  readonly largest: number
  /** Bits of what is rounded to more than the largest. */
  readonly overflow: number
  readonly nan: number
  readonly sign: number
}

function encodeFloat(value: number, { bias, mantissaBits, largest, overflow, nan, sign }: SmallFloat): number {
  if (Number.isNaN(value)) return nan
  const negative = value < 0 || Object.is(value, -0) ? sign : 0
  const magnitude = Math.abs(Math.fround(value))
  if (magnitude === Number.POSITIVE_INFINITY) return negative | overflow
  const exponent = Math.max(magnitude === 0 ? 1 - bias : Math.floor(Math.log2(magnitude)), 1 - bias)
  const unit = 2 ** (exponent - mantissaBits)
  const steps = roundEven(magnitude / unit)
  if (steps * unit > largest) return negative | overflow
  // Counted in units, a subnormal is its own bits, and a carry moves on into the exponent by itself.
  return negative | (steps + (exponent + bias - 1) * 2 ** mantissaBits)
}

const float = new Float32Array(1)
const word = new Uint32Array(float.buffer)

function encodeBf16(value: number): number {
  float[0] = value
  const bits = word[0]!
  if (Number.isNaN(value)) return 0x7fff
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff
}

/** As `rintf` and the card's conversions round. */
export function roundEven(value: number): number {
  const rounded = Math.round(value)
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded
}
