import { load1, load4, multiplyAdd, sum4 } from './vector'

// Every element is accumulated in one order, whatever tile computes it and whoever runs it: lane l of one vector takes
// k = l, l + 4, l + 8, …, then the lanes are added, then what is left of k, then the bias.
//
// A tile of R×C takes R rows of x and C columns of the result, rows of the weight `wBytes` apart. `out`, `x`, `w` and
// `bias` (or 0) point at the tile's first.

/** Adds what `inner mod 4` leaves and the bias, and stores. */
// @ts-ignore: decorator
@inline
function finish<W>(out: usize, sums: v128, x: usize, w: usize, done: i32, inner: i32, bias: usize): void {
  let sum = sum4(sums)
  for (let k = <usize>done; k < <usize>inner; k++) sum += load<f32>(x + (k << 2)) * load1<W>(w + k * sizeof<W>())
  if (bias != 0) sum += load<f32>(bias)
  store<f32>(out, sum)
}

export function tile1x1<W>(out: usize, x: usize, w: usize, inner: i32, bias: usize): void {
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
export function tile1x4<W>(out: usize, x: usize, w: usize, wBytes: usize, inner: i32, bias: usize): void {
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

/** Two rows, four columns. */
export function tile2x4<W>(
  out: usize, outBytes: usize, x: usize, xBytes: usize, w: usize, wBytes: usize, inner: i32, bias: usize,
): void {
  let s00 = f32x4.splat(0)
  let s01 = f32x4.splat(0)
  let s02 = f32x4.splat(0)
  let s03 = f32x4.splat(0)
  let s10 = f32x4.splat(0)
  let s11 = f32x4.splat(0)
  let s12 = f32x4.splat(0)
  let s13 = f32x4.splat(0)
  const whole = inner & ~3
  let x0 = x
  let x1 = x0 + xBytes
  let w0 = w
  let w1 = w0 + wBytes
  let w2 = w1 + wBytes
  let w3 = w2 + wBytes
  for (const end = x + (<usize>whole << 2); x0 < end; x0 += 16) {
    const a = v128.load(x0)
    const b = v128.load(x1)
    let weights = load4<W>(w0)
    s00 = multiplyAdd(s00, a, weights)
    s10 = multiplyAdd(s10, b, weights)
    weights = load4<W>(w1)
    s01 = multiplyAdd(s01, a, weights)
    s11 = multiplyAdd(s11, b, weights)
    weights = load4<W>(w2)
    s02 = multiplyAdd(s02, a, weights)
    s12 = multiplyAdd(s12, b, weights)
    weights = load4<W>(w3)
    s03 = multiplyAdd(s03, a, weights)
    s13 = multiplyAdd(s13, b, weights)
    x1 += 16
    w0 += 4 * sizeof<W>()
    w1 += 4 * sizeof<W>()
    w2 += 4 * sizeof<W>()
    w3 += 4 * sizeof<W>()
  }
  w1 = w + wBytes
  w2 = w1 + wBytes
  w3 = w2 + wBytes
  x1 = x + xBytes
  const next = out + outBytes
  finish<W>(out, s00, x, w, whole, inner, bias)
  finish<W>(next, s10, x1, w, whole, inner, bias)
  bias = bias == 0 ? 0 : bias + 4
  finish<W>(out + 4, s01, x, w1, whole, inner, bias)
  finish<W>(next + 4, s11, x1, w1, whole, inner, bias)
  bias = bias == 0 ? 0 : bias + 4
  finish<W>(out + 8, s02, x, w2, whole, inner, bias)
  finish<W>(next + 8, s12, x1, w2, whole, inner, bias)
  bias = bias == 0 ? 0 : bias + 4
  finish<W>(out + 12, s03, x, w3, whole, inner, bias)
  finish<W>(next + 12, s13, x1, w3, whole, inner, bias)
}

/** Four rows, two columns: eight sums, four rows of x and a weight fill the sixteen registers that there are. */
export function tile4x2<W>(
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
