import { bytesOf, type FloatDtype } from './dtype.ts'

/** The file is little-endian and the elements are read through typed arrays, which have the host's order. */
const HOST_IS_LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1

/**
 * Fills `floats` from as many stored elements of `dtype`, which `fill` copies into the bytes that it is given.
 *
 * No second buffer: the stored bytes go to the end of `floats` and widen towards its front. Of n elements of two
 * bytes, element i lies at byte 2n + 2i and becomes bytes 4i … 4i + 3, which end before element i + 1 begins.
 */
export function readFloats(floats: Float32Array, dtype: FloatDtype, fill: (stored: Uint8Array) => void): void {
  if (!HOST_IS_LITTLE_ENDIAN) throw new Error('tensors are read on little-endian hosts alone')
  const { buffer, byteOffset, byteLength, length } = floats
  const bytes = bytesOf(dtype, length)!
  const start = byteOffset + byteLength - bytes
  fill(new Uint8Array(buffer, start, bytes))
  if (dtype === 'F32') return

  const bits = new Uint32Array(buffer, byteOffset, length)
  const halves = new Uint16Array(buffer, start, length)
  if (dtype === 'BF16') {
    for (let i = 0; i < length; i++) bits[i] = halves[i]! << 16
  } else {
    const table = halfTable()
    for (let i = 0; i < length; i++) bits[i] = table[halves[i]!]!
  }
}

let halves: Uint32Array | undefined

/** The bits of a float for each of the 65 536 halves. */
function halfTable(): Uint32Array {
  halves ??= Uint32Array.from({ length: 0x10000 }, (_, half) => floatBits(half))
  return halves
}

/** IEEE 754 binary16 → binary32; every half, subnormal or not, is an exact normal float. */
function floatBits(half: number): number {
  const sign = (half & 0x8000) << 16
  const exponent = (half >> 10) & 0x1f
  const fraction = half & 0x3ff
  if (exponent === 0x1f) return (sign | 0x7f80_0000 | (fraction << 13)) >>> 0
  if (exponent > 0) return (sign | ((exponent + 112) << 23) | (fraction << 13)) >>> 0
  if (fraction === 0) return sign >>> 0
  const shift = Math.clz32(fraction) - 21
  return (sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13)) >>> 0
}
