import { argument, launch, setArgument } from './job'
import { Operation } from './operations'
import { load1, load4, multiplyAdd, sum4 } from './vector'

// Every element is accumulated in one order, whatever tile computes it and whoever runs it: lane l of one vector takes
// k = l, l + 4, l + 8, …, then the lanes are added, then what is left of k, then the bias.

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
    for (; r < lastRow; r++) {
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

/** Adds what `inner mod 4` leaves and the bias, and stores. */
// @ts-ignore: decorator
@inline
function finish<W>(out: usize, sums: v128, x: usize, w: usize, done: i32, inner: i32, bias: usize): void {
  let sum = sum4(sums)
  for (let k = <usize>done; k < <usize>inner; k++) sum += load<f32>(x + (k << 2)) * load1<W>(w + k * sizeof<W>())
  if (bias != 0) sum += load<f32>(bias)
  store<f32>(out, sum)
}

function tile1x1<W>(out: usize, x: usize, w: usize, inner: i32, bias: usize): void {
  let sum = f32x4.splat(0)
  const whole = inner & ~3
  let wAt = w
  for (let xAt = x, end = x + (<usize>whole << 2); xAt < end; xAt += 16) {
    sum = multiplyAdd(sum, v128.load(xAt), load4<W>(wAt))
    wAt += 4 * sizeof<W>()
  }
  finish<W>(out, sum, x, w, whole, inner, bias)
}

/** One row, four columns: a load of x serves four weights. */
function tile1x4<W>(out: usize, x: usize, w: usize, wBytes: usize, inner: i32, bias: usize): void {
  let s0 = f32x4.splat(0)
  let s1 = f32x4.splat(0)
  let s2 = f32x4.splat(0)
  let s3 = f32x4.splat(0)
  const whole = inner & ~3
  let w0 = w
  let w1 = w0 + wBytes
  let w2 = w1 + wBytes
  let w3 = w2 + wBytes
  for (let xAt = x, end = x + (<usize>whole << 2); xAt < end; xAt += 16) {
    const value = v128.load(xAt)
    s0 = multiplyAdd(s0, value, load4<W>(w0))
    s1 = multiplyAdd(s1, value, load4<W>(w1))
    s2 = multiplyAdd(s2, value, load4<W>(w2))
    s3 = multiplyAdd(s3, value, load4<W>(w3))
    w0 += 4 * sizeof<W>()
    w1 += 4 * sizeof<W>()
    w2 += 4 * sizeof<W>()
    w3 += 4 * sizeof<W>()
  }
  finish<W>(out, s0, x, w, whole, inner, bias)
  finish<W>(out + 4, s1, x, w + wBytes, whole, inner, bias == 0 ? 0 : bias + 4)
  finish<W>(out + 8, s2, x, w + 2 * wBytes, whole, inner, bias == 0 ? 0 : bias + 8)
  finish<W>(out + 12, s3, x, w + 3 * wBytes, whole, inner, bias == 0 ? 0 : bias + 12)
}

/** Four rows, two columns: eight sums, four rows of x and a weight fill the sixteen registers that there are. */
function tile4x2<W>(
  out: usize, outBytes: usize, x: usize, xBytes: usize, w: usize, wBytes: usize, inner: i32, bias: usize,
): void {
  let s00 = f32x4.splat(0)
  let s01 = f32x4.splat(0)
  let s10 = f32x4.splat(0)
  let s11 = f32x4.splat(0)
  let s20 = f32x4.splat(0)
  let s21 = f32x4.splat(0)
  let s30 = f32x4.splat(0)
  let s31 = f32x4.splat(0)
  const whole = inner & ~3
  let x0 = x
  let x1 = x0 + xBytes
  let x2 = x1 + xBytes
  let x3 = x2 + xBytes
  let w0 = w
  let w1 = w0 + wBytes
  for (const end = x + (<usize>whole << 2); x0 < end; x0 += 16) {
    const a = load4<W>(w0)
    const b = load4<W>(w1)
    let value = v128.load(x0)
    s00 = multiplyAdd(s00, value, a)
    s01 = multiplyAdd(s01, value, b)
    value = v128.load(x1)
    s10 = multiplyAdd(s10, value, a)
    s11 = multiplyAdd(s11, value, b)
    value = v128.load(x2)
    s20 = multiplyAdd(s20, value, a)
    s21 = multiplyAdd(s21, value, b)
    value = v128.load(x3)
    s30 = multiplyAdd(s30, value, a)
    s31 = multiplyAdd(s31, value, b)
    x1 += 16
    x2 += 16
    x3 += 16
    w0 += 4 * sizeof<W>()
    w1 += 4 * sizeof<W>()
  }
  const v = w + wBytes
  const biasOfV: usize = bias == 0 ? 0 : bias + 4
  finish<W>(out, s00, x, w, whole, inner, bias)
  finish<W>(out + 4, s01, x, v, whole, inner, biasOfV)
  out += outBytes
  x += xBytes
  finish<W>(out, s10, x, w, whole, inner, bias)
  finish<W>(out + 4, s11, x, v, whole, inner, biasOfV)
  out += outBytes
  x += xBytes
  finish<W>(out, s20, x, w, whole, inner, bias)
  finish<W>(out + 4, s21, x, v, whole, inner, biasOfV)
  out += outBytes
  x += xBytes
  finish<W>(out, s30, x, w, whole, inner, bias)
  finish<W>(out + 4, s31, x, v, whole, inner, biasOfV)
}
