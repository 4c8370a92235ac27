import { argument, launch, setArgument } from './job'
import { Operation } from './operations'
import { max4 } from './vector'

// Weights on their way in. The same bits as src/native/device/cpu/{bf16,int8}.ts.

/** Below the smallest normal float, quotients are no longer what they should be. */
const SMALLEST_NORMAL: f32 = 1.17549435e-38

/**
 * Rounds rows of floats to bfloat16 or, where `scales` is not 0, quantises them to int8.
 *
 * @param to - `[rows, inner]` of bfloat16, or `[rows, stride]` of i8, `stride` being `inner` rounded up to 16
 * @param scales - `[rows]` or 0
 * @param from - `[rows, inner]`
 */
export function storeWeight(to: usize, scales: usize, from: usize, rows: i32, inner: i32): void {
  setArgument<usize>(0, to)
  setArgument<usize>(1, scales)
  setArgument<usize>(2, from)
  setArgument<i32>(3, inner)
  launch(Operation.StoreWeight, rows, inner * 4, 1)
}

export function storeWeightPart(first: i32, last: i32): void {
  const inner = argument<i32>(3)
  const stride = (inner + 15) & ~15
  for (let r = <usize>first; r < <usize>last; r++) {
    const from = argument<usize>(2) + r * (<usize>inner << 2)
    const scales = argument<usize>(1)
    if (scales == 0) packBf16(argument<usize>(0) + r * (<usize>inner << 1), from, inner)
    else store<f32>(scales + (r << 2), packInt8(argument<usize>(0) + r * stride, from, inner))
  }
}

/** To the nearest, ties to even. */
export function packBf16(to: usize, from: usize, count: i32): void {
  let i: usize = 0
  for (; i + 8 <= <usize>count; i += 8) {
    const low = upperHalves(v128.load(from + (i << 2)))
    v128.store(to + (i << 1), i16x8.narrow_i32x4_u(low, upperHalves(v128.load(from + (i << 2), 16))))
  }
  for (; i < <usize>count; i++) {
    const half = i32x4.extract_lane(upperHalves(v128.load32_zero(from + (i << 2))), 0)
    store<u16>(to + (i << 1), <u16>half)
  }
}

/** Four bfloat16, each in the lower half of its lane. */
// @ts-ignore: decorator
@inline
function upperHalves(bits: v128): v128 {
  const even = v128.and(i32x4.shr_u(bits, 16), i32x4.splat(1))
  const nearest = i32x4.shr_u(i32x4.add(bits, i32x4.add(even, i32x4.splat(0x7fff))), 16)
  const nan = v128.or(i32x4.shr_u(bits, 16), i32x4.splat(0x40))
  return v128.bitselect(nearest, nan, f32x4.eq(bits, bits))
}

/** Returns the scale. */
function packInt8(to: usize, from: usize, inner: i32): f32 {
  let largest4 = f32x4.splat(0)
  let k: usize = 0
  const count = <usize>inner
  for (; k + 4 <= count; k += 4) largest4 = f32x4.max(largest4, f32x4.abs(v128.load(from + (k << 2))))
  let largest = max4(largest4)
  for (; k < count; k++) largest = max(largest, abs<f32>(load<f32>(from + (k << 2))))
  const scale = largest / 127
  if (scale < SMALLEST_NORMAL) {
    memory.fill(to, 0, count)
    return 0
  }
  const scale4 = f32x4.splat(scale)
  for (k = 0; k + 8 <= count; k += 8) {
    const low = quotient(v128.load(from + (k << 2)), scale4)
    const words = i16x8.narrow_i32x4_s(low, quotient(v128.load(from + (k << 2), 16), scale4))
    v128.store64_lane(to + k, i8x16.narrow_i16x8_s(words, words), 0)
  }
  for (; k < count; k++) {
    store<i8>(to + k, <i8>i32x4.extract_lane(quotient(v128.load32_zero(from + (k << 2)), scale4), 0))
  }
  return scale
}

// @ts-ignore: decorator
@inline
function quotient(values: v128, scale: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.div(values, scale)))
}
