import { argument, launch, setArgument } from './job'
import { tile1x1, tile1x4, tile2x4, tile4x2 } from './linear-int8-tiles'
import { Operation } from './operations'
import { quantise } from './quantise'

// Activations of 16 bits times weights of 8, summed exactly: so the order of the sum does not matter, and the one
// rounding is that of the activations, 2⁻¹⁶ of a row's largest.

/** Rows of x that stay in the second-level cache while the weights stream past. */
const ROWS_PER_PASS: i32 = 64

/**
 * `out[r, n] = Σ_k x[r, k] · weight[n, k] · scales[n] (+ bias[n])`
 *
 * @param out - `[rows, width]`
 * @param x - `[rows, inner]`
 * @param weight - `[width, stride]` of i8, `stride` being `inner` rounded up to 16 and the rest zeros
 * @param scales - `[width]`
 * @param bias - `[width]` or 0
 * @param q - room for `[rows, stride]` of i16
 * @param qScales - room for `[rows]`
 */
export function linearInt8(
  out: usize, x: usize, weight: usize, scales: usize, bias: usize, q: usize, qScales: usize,
  rows: i32, width: i32, inner: i32,
): void {
  const stride = (inner + 15) & ~15
  quantise(q, qScales, x, rows, inner, stride)
  setArgument<usize>(0, out)
  setArgument<usize>(1, q)
  setArgument<usize>(2, qScales)
  setArgument<usize>(3, weight)
  setArgument<usize>(4, scales)
  setArgument<usize>(5, bias)
  setArgument<i32>(6, rows)
  setArgument<i32>(7, width)
  setArgument<i32>(8, stride)
  launch(Operation.LinearInt8, width, <i64>rows * stride, 4)
}

/** Columns `[from, to)` of the result, for all rows. */
export function linearInt8Part(from: i32, to: i32): void {
  const rows = argument<i32>(6)
  for (let first = 0; first < rows; first += ROWS_PER_PASS) {
    columns(first, min(first + ROWS_PER_PASS, rows), from, to)
  }
}

function columns(firstRow: i32, lastRow: i32, from: i32, to: i32): void {
  const stride = argument<i32>(8)
  const qBytes = <usize>stride << 1
  let n = from
  for (; n + 4 <= to; n += 4) {
    const w = argument<usize>(3) + <usize>n * stride
    let r = firstRow
    for (; r + 4 <= lastRow; r += 4) {
      const q = argument<usize>(1) + <usize>r * qBytes
      tile4x2(r, n, q, qBytes, w, stride)
      tile4x2(r, n + 2, q, qBytes, w + 2 * stride, stride)
    }
    for (; r + 2 <= lastRow; r += 2) tile2x4(r, n, argument<usize>(1) + <usize>r * qBytes, qBytes, w, stride)
    if (r < lastRow) tile1x4(r, n, argument<usize>(1) + <usize>r * qBytes, w, stride)
  }
  for (; n < to; n++) {
    const w = argument<usize>(3) + <usize>n * stride
    for (let r = firstRow; r < lastRow; r++) tile1x1(r, n, argument<usize>(1) + <usize>r * qBytes, w, stride)
  }
}
