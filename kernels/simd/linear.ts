import { argument, launch, setArgument } from './job'
import { tile1x1, tile1x4, tile2x4, tile4x2 } from './linear-tiles'
import { Operation } from './operations'

/** Rows of x that stay in the second-level cache while the weights stream past. */
const ROWS_PER_PASS: i32 = 32

/**
 * `out[r, n] = Σ_k x[r, k] · weight[n, k] (+ bias[n])`
 *
 * @param out - `[rows, width]`
 * @param x - `[rows, inner]`
 * @param weight - `[width, inner]`, floats or, where `bf16` is 1, bfloat16
 * @param bias - `[width]` or 0
 */
export function linear(
  out: usize, x: usize, weight: usize, bias: usize, rows: i32, width: i32, inner: i32, bf16: i32,
): void {
  setArgument<usize>(0, out)
  setArgument<usize>(1, x)
  setArgument<usize>(2, weight)
  setArgument<usize>(3, bias)
  setArgument<i32>(4, rows)
  setArgument<i32>(5, width)
  setArgument<i32>(6, inner)
  launch(bf16 ? Operation.LinearBf16 : Operation.LinearF32, width, <i64>rows * inner, 4)
}

/** Columns `[from, to)` of the result, for all rows. */
export function linearPart<W>(from: i32, to: i32): void {
  const rows = argument<i32>(4)
  for (let first = 0; first < rows; first += ROWS_PER_PASS) {
    columns<W>(first, min(first + ROWS_PER_PASS, rows), from, to)
  }
}

function columns<W>(firstRow: i32, lastRow: i32, from: i32, to: i32): void {
  const width = argument<i32>(5)
  const inner = argument<i32>(6)
  const xBytes = <usize>inner << 2
  const wBytes = <usize>inner * sizeof<W>()
  const outBytes = <usize>width << 2
  const bias = argument<usize>(3)
  let n = from
  for (; n + 4 <= to; n += 4) {
    const w = argument<usize>(2) + <usize>n * wBytes
    const b: usize = bias == 0 ? 0 : bias + (<usize>n << 2)
    let r = firstRow
    for (; r + 4 <= lastRow; r += 4) {
      const x = argument<usize>(1) + <usize>r * xBytes
      const out = argument<usize>(0) + <usize>r * outBytes + (<usize>n << 2)
      tile4x2<W>(out, outBytes, x, xBytes, w, wBytes, inner, b)
      tile4x2<W>(out + 8, outBytes, x, xBytes, w + 2 * wBytes, wBytes, inner, b == 0 ? 0 : b + 8)
    }
    for (; r + 2 <= lastRow; r += 2) {
      const x = argument<usize>(1) + <usize>r * xBytes
      tile2x4<W>(argument<usize>(0) + <usize>r * outBytes + (<usize>n << 2), outBytes, x, xBytes, w, wBytes, inner, b)
    }
    if (r < lastRow) {
      const x = argument<usize>(1) + <usize>r * xBytes
      tile1x4<W>(argument<usize>(0) + <usize>r * outBytes + (<usize>n << 2), x, w, wBytes, inner, b)
    }
  }
  for (; n < to; n++) {
    const w = argument<usize>(2) + <usize>n * wBytes
    const b: usize = bias == 0 ? 0 : bias + (<usize>n << 2)
    for (let r = firstRow; r < lastRow; r++) {
      const x = argument<usize>(1) + <usize>r * xBytes
      tile1x1<W>(argument<usize>(0) + <usize>r * outBytes + (<usize>n << 2), x, w, inner, b)
    }
  }
}
