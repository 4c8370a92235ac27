import { addRow } from './add'
import { argument, launch, setArgument } from './job'
import { Operation } from './operations'
import { multiplyAdd, sum4 } from './vector'

/**
 * `out[r] = x[r] / √(mean(x[r]²) + ε) · (weight + offset)`, after `x[r] += added[r]` where `added` is not 0.
 *
 * @param out - `[rows, width]`, may be `x`
 * @param x - `[rows, width]`
 * @param added - `[rows, width]` or 0
 * @param weight - `[width]`
 */
export function norm(
  out: usize, x: usize, added: usize, weight: usize, rows: i32, width: i32, epsilon: f32, offset: f32,
): void {
  setArgument<usize>(0, out)
  setArgument<usize>(1, x)
  setArgument<usize>(2, added)
  setArgument<usize>(3, weight)
  setArgument<i32>(4, width)
  setArgument<f32>(5, epsilon)
  setArgument<f32>(6, offset)
  launch(Operation.Norm, rows, width * 4, 1)
}

export function normPart(from: i32, to: i32): void {
  const width = argument<i32>(4)
  const added = argument<usize>(2)
  for (let r = from; r < to; r++) {
    const at = <usize>r * (<usize>width << 2)
    const x = argument<usize>(1) + at
    if (added != 0) addRow(x, added + at, width)
    normRow(argument<usize>(0) + at, x, argument<usize>(3), width, argument<f32>(5), argument<f32>(6))
  }
}

export function normRow(out: usize, x: usize, weight: usize, width: i32, epsilon: f32, offset: f32): void {
  let a = f32x4.splat(0)
  let b = f32x4.splat(0)
  const end = <usize>width << 2
  let at: usize = 0
  for (; at + 32 <= end; at += 32) {
    const first = v128.load(x + at)
    const second = v128.load(x + at, 16)
    a = multiplyAdd(a, first, first)
    b = multiplyAdd(b, second, second)
  }
  let squares = sum4(f32x4.add(a, b))
  for (; at < end; at += 4) squares += load<f32>(x + at) * load<f32>(x + at)
  const inverse: f32 = 1 / sqrt<f32>(squares / <f32>width + epsilon)

  for (at = 0; at + 16 <= end; at += 16) {
    const scale = f32x4.add(v128.load(weight + at), f32x4.splat(offset))
    v128.store(out + at, f32x4.mul(f32x4.mul(v128.load(x + at), f32x4.splat(inverse)), scale))
  }
  for (; at < end; at += 4) store<f32>(out + at, load<f32>(x + at) * inverse * (load<f32>(weight + at) + offset))
}
