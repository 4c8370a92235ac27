import { argument, launch, setArgument } from './job'
import { Operation } from './operations'
import { max4 } from './vector'

/** Largest quantised activation. */
export const RANGE: f32 = 32767

/**
 * `q[r, k] = round(x[r, k] / scales[r])` with `scales[r] = max|x[r]| / RANGE`, each row filled up with zeros.
 *
 * @param q - `[rows, stride]` of i16, `stride` a multiple of 16
 * @param scales - `[rows]`
 * @param x - `[rows, inner]`
 */
export function quantise(q: usize, scales: usize, x: usize, rows: i32, inner: i32, stride: i32): void {
  setArgument<usize>(0, q)
  setArgument<usize>(1, scales)
  setArgument<usize>(2, x)
  setArgument<i32>(3, inner)
  setArgument<i32>(4, stride)
  launch(Operation.Quantise, rows, inner * 4, 1)
}

export function quantisePart(from: i32, to: i32): void {
  const inner = argument<i32>(3)
  const stride = argument<i32>(4)
  for (let r = from; r < to; r++) {
    const q = argument<usize>(0) + <usize>r * (<usize>stride << 1)
    const x = argument<usize>(2) + <usize>r * (<usize>inner << 2)
    store<f32>(argument<usize>(1) + (<usize>r << 2), quantiseRow(q, x, inner, stride))
  }
}

function quantiseRow(q: usize, x: usize, inner: i32, stride: i32): f32 {
  let largest4 = f32x4.splat(0)
  let k = 0
  for (; k + 4 <= inner; k += 4) largest4 = f32x4.max(largest4, f32x4.abs(v128.load(x + (<usize>k << 2))))
  let largest = max4(largest4)
  for (; k < inner; k++) largest = max(largest, abs<f32>(load<f32>(x + (<usize>k << 2))))

  // Zeros, infinities and NaN give 0 here, and the scale carries what they were.
  const inverse = f32x4.splat(RANGE / largest)
  for (k = 0; k + 8 <= inner; k += 8) {
    const low = f32x4.mul(v128.load(x + (<usize>k << 2)), inverse)
    const high = f32x4.mul(v128.load(x + (<usize>k << 2), 16), inverse)
    const lowQ = i32x4.trunc_sat_f32x4_s(f32x4.nearest(low))
    const highQ = i32x4.trunc_sat_f32x4_s(f32x4.nearest(high))
    v128.store(q + (<usize>k << 1), i16x8.narrow_i32x4_s(lowQ, highQ))
  }
  for (; k < inner; k++) {
    const one = f32x4.mul(v128.load32_zero(x + (<usize>k << 2)), inverse)
    store<i16>(q + (<usize>k << 1), <i16>i32x4.extract_lane(i32x4.trunc_sat_f32x4_s(f32x4.nearest(one)), 0))
  }
  for (; k < stride; k++) store<i16>(q + (<usize>k << 1), 0)
  return largest / RANGE
}
