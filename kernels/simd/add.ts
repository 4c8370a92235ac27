import { argument, launch, setArgument } from './job'
import { Operation } from './operations'

/** `residual[i] += x[i]` for `count` values. */
export function add(residual: usize, x: usize, count: i32): void {
  setArgument<usize>(0, residual)
  setArgument<usize>(1, x)
  launch(Operation.Add, count, 2, 16)
}

export function addPart(from: i32, to: i32): void {
  const bytes = <usize>from << 2
  addRow(argument<usize>(0) + bytes, argument<usize>(1) + bytes, to - from)
}

export function addRow(residual: usize, x: usize, count: i32): void {
  let at: usize = 0
  const end = <usize>count << 2
  for (; at + 16 <= end; at += 16) {
    v128.store(residual + at, f32x4.add(v128.load(residual + at), v128.load(x + at)))
  }
  for (; at < end; at += 4) store<f32>(residual + at, load<f32>(residual + at) + load<f32>(x + at))
}
