import { argument } from './job'

// A tile of R×C takes R rows of x, from `row` on and at `q`, and C columns of the result, from `column` on and with
// weights at `w`. Arguments of the job: 0 out, 2 qScales, 4 scales, 5 bias, 7 width.

/** A lane takes a quarter of the products, each at most 127 · 32767: 512 of them stay below 2³¹. */
const BLOCK: i32 = 2048

// @ts-ignore: decorator
@inline
function finish(row: i32, column: i32, total: i64): void {
  const qScale = load<f32>(argument<usize>(2) + (<usize>row << 2))
  const scale = load<f32>(argument<usize>(4) + (<usize>column << 2))
  let sum = <f32>(<f64>total * (<f64>qScale * <f64>scale))
  const bias = argument<usize>(5)
  if (bias != 0) sum += load<f32>(bias + (<usize>column << 2))
  store<f32>(argument<usize>(0) + (<usize>row * argument<usize>(7) + <usize>column << 2), sum)
}

// @ts-ignore: decorator
@inline
function sum(v: v128): i64 {
  const pairs = i64x2.add(i64x2.extend_low_i32x4_s(v), i64x2.extend_high_i32x4_s(v))
  return i64x2.extract_lane(pairs, 0) + i64x2.extract_lane(pairs, 1)
}

/** Sixteen products of `w` and the activations `low` and `high`, added to four lanes. */
// @ts-ignore: decorator
@inline
function dot(sums: v128, w: usize, low: v128, high: v128): v128 {
  const first = i32x4.dot_i16x8_s(v128.load_ext<i8>(w), low)
  const second = i32x4.dot_i16x8_s(v128.load_ext<i8>(w, 8), high)
  return i32x4.add(sums, i32x4.add(first, second))
}

export function tile1x1(row: i32, column: i32, q: usize, w: usize, stride: i32): void {
  let total: i64 = 0
  for (let block = 0; block < stride; block += BLOCK) {
    let s = i32x4.splat(0)
    for (const end = w + min(BLOCK, stride - block); w < end; w += 16) {
      s = dot(s, w, v128.load(q), v128.load(q, 16))
      q += 32
    }
    total += sum(s)
  }
  finish(row, column, total)
}

/** One row, four columns: a load of x serves four weights. */
export function tile1x4(row: i32, column: i32, q: usize, w: usize, stride: i32): void {
  let t0: i64 = 0
  let t1: i64 = 0
  let t2: i64 = 0
  let t3: i64 = 0
  let w1 = w + stride
  let w2 = w1 + stride
  let w3 = w2 + stride
  for (let block = 0; block < stride; block += BLOCK) {
    let s0 = i32x4.splat(0)
    let s1 = i32x4.splat(0)
    let s2 = i32x4.splat(0)
    let s3 = i32x4.splat(0)
    for (const end = w + min(BLOCK, stride - block); w < end; w += 16) {
      const low = v128.load(q)
      const high = v128.load(q, 16)
      s0 = dot(s0, w, low, high)
      s1 = dot(s1, w1, low, high)
      s2 = dot(s2, w2, low, high)
      s3 = dot(s3, w3, low, high)
      q += 32
      w1 += 16
      w2 += 16
      w3 += 16
    }
    t0 += sum(s0)
    t1 += sum(s1)
    t2 += sum(s2)
    t3 += sum(s3)
  }
  finish(row, column, t0)
  finish(row, column + 1, t1)
  finish(row, column + 2, t2)
  finish(row, column + 3, t3)
}

/** Two rows, four columns. */
export function tile2x4(row: i32, column: i32, q: usize, qBytes: usize, w: usize, stride: i32): void {
  let t00: i64 = 0
  let t01: i64 = 0
  let t02: i64 = 0
  let t03: i64 = 0
  let t10: i64 = 0
  let t11: i64 = 0
  let t12: i64 = 0
  let t13: i64 = 0
  let q1 = q + qBytes
  let w1 = w + stride
  let w2 = w1 + stride
  let w3 = w2 + stride
  for (let block = 0; block < stride; block += BLOCK) {
    let s00 = i32x4.splat(0)
    let s01 = i32x4.splat(0)
    let s02 = i32x4.splat(0)
    let s03 = i32x4.splat(0)
    let s10 = i32x4.splat(0)
    let s11 = i32x4.splat(0)
    let s12 = i32x4.splat(0)
    let s13 = i32x4.splat(0)
    for (const end = w + min(BLOCK, stride - block); w < end; w += 8) {
      const a = v128.load(q)
      const b = v128.load(q1)
      let weights = v128.load_ext<i8>(w)
      s00 = i32x4.add(s00, i32x4.dot_i16x8_s(weights, a))
      s10 = i32x4.add(s10, i32x4.dot_i16x8_s(weights, b))
      weights = v128.load_ext<i8>(w1)
      s01 = i32x4.add(s01, i32x4.dot_i16x8_s(weights, a))
      s11 = i32x4.add(s11, i32x4.dot_i16x8_s(weights, b))
      weights = v128.load_ext<i8>(w2)
      s02 = i32x4.add(s02, i32x4.dot_i16x8_s(weights, a))
      s12 = i32x4.add(s12, i32x4.dot_i16x8_s(weights, b))
      weights = v128.load_ext<i8>(w3)
      s03 = i32x4.add(s03, i32x4.dot_i16x8_s(weights, a))
      s13 = i32x4.add(s13, i32x4.dot_i16x8_s(weights, b))
      q += 16
      q1 += 16
      w1 += 8
      w2 += 8
      w3 += 8
    }
    t00 += sum(s00)
    t01 += sum(s01)
    t02 += sum(s02)
    t03 += sum(s03)
    t10 += sum(s10)
    t11 += sum(s11)
    t12 += sum(s12)
    t13 += sum(s13)
  }
  finish(row, column, t00)
  finish(row, column + 1, t01)
  finish(row, column + 2, t02)
  finish(row, column + 3, t03)
  finish(row + 1, column, t10)
  finish(row + 1, column + 1, t11)
  finish(row + 1, column + 2, t12)
  finish(row + 1, column + 3, t13)
}

/** Four rows, two columns: widening a weight to 16 bits serves four rows. */
export function tile4x2(row: i32, column: i32, q: usize, qBytes: usize, w: usize, stride: i32): void {
  let t00: i64 = 0
  let t01: i64 = 0
  let t10: i64 = 0
  let t11: i64 = 0
  let t20: i64 = 0
  let t21: i64 = 0
  let t30: i64 = 0
  let t31: i64 = 0
  let v = w + stride
  let q1 = q + qBytes
  let q2 = q1 + qBytes
  let q3 = q2 + qBytes
  for (let block = 0; block < stride; block += BLOCK) {
    let s00 = i32x4.splat(0)
    let s01 = i32x4.splat(0)
    let s10 = i32x4.splat(0)
    let s11 = i32x4.splat(0)
    let s20 = i32x4.splat(0)
    let s21 = i32x4.splat(0)
    let s30 = i32x4.splat(0)
    let s31 = i32x4.splat(0)
    // Eight products a turn: both columns' weights, one row of x and eight sums fit into the registers that there are.
    for (const end = w + min(BLOCK, stride - block); w < end; w += 8) {
      const a = v128.load_ext<i8>(w)
      const b = v128.load_ext<i8>(v)
      let x = v128.load(q)
      s00 = i32x4.add(s00, i32x4.dot_i16x8_s(a, x))
      s01 = i32x4.add(s01, i32x4.dot_i16x8_s(b, x))
      x = v128.load(q1)
      s10 = i32x4.add(s10, i32x4.dot_i16x8_s(a, x))
      s11 = i32x4.add(s11, i32x4.dot_i16x8_s(b, x))
      x = v128.load(q2)
      s20 = i32x4.add(s20, i32x4.dot_i16x8_s(a, x))
      s21 = i32x4.add(s21, i32x4.dot_i16x8_s(b, x))
      x = v128.load(q3)
      s30 = i32x4.add(s30, i32x4.dot_i16x8_s(a, x))
      s31 = i32x4.add(s31, i32x4.dot_i16x8_s(b, x))
      v += 8
      q += 16
      q1 += 16
      q2 += 16
      q3 += 16
    }
    t00 += sum(s00)
    t01 += sum(s01)
    t10 += sum(s10)
    t11 += sum(s11)
    t20 += sum(s20)
    t21 += sum(s21)
    t30 += sum(s30)
    t31 += sum(s31)
  }
  finish(row, column, t00)
  finish(row, column + 1, t01)
  finish(row + 1, column, t10)
  finish(row + 1, column + 1, t11)
  finish(row + 2, column, t20)
  finish(row + 2, column + 1, t21)
  finish(row + 3, column, t30)
  finish(row + 3, column + 1, t31)
}
