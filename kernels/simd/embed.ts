import { argument, launch, setArgument } from './job'
import { Operation } from './operations'
import { load1, load4 } from './vector'

/** How a table is stored: the numbers that the host passes. */
export const enum Storage {
  F32,
  Bf16,
  Int8,
}

/**
 * `out[t] = table[tokens[t]] · scale`
 *
 * @param out - `[count, width]`
 * @param table - `[vocab, width]`, rows `stride` bytes apart
 * @param scales - `[vocab]`, for int8 alone
 * @param tokens - `[count]`
 */
export function embed(
  out: usize, table: usize, scales: usize, tokens: usize, count: i32, width: i32, stride: i32, storage: i32, scale: f32,
): void {
  setArgument<usize>(0, out)
  setArgument<usize>(1, table)
  setArgument<usize>(2, scales)
  setArgument<usize>(3, tokens)
  setArgument<i32>(4, width)
  setArgument<i32>(5, stride)
  setArgument<i32>(6, storage)
  setArgument<f32>(7, scale)
  launch(Operation.Embed, count, width, 1)
}

export function embedPart(from: i32, to: i32): void {
  const width = argument<i32>(4)
  const storage = argument<i32>(6)
  for (let t = from; t < to; t++) {
    const token = load<u32>(argument<usize>(3) + (<usize>t << 2))
    const row = argument<usize>(1) + <usize>token * argument<usize>(5)
    const out = argument<usize>(0) + <usize>t * (<usize>width << 2)
    const scale = argument<f32>(7)
    if (storage == Storage.F32) embedRow<f32>(out, row, width, scale)
    else if (storage == Storage.Bf16) embedRow<u16>(out, row, width, scale)
    else embedInt8Row(out, row, width, load<f32>(argument<usize>(2) + (<usize>token << 2)), scale)
  }
}

function embedRow<W>(out: usize, row: usize, width: i32, scale: f32): void {
  let i = 0
  for (; i + 4 <= width; i += 4) {
    v128.store(out + (<usize>i << 2), f32x4.mul(load4<W>(row + <usize>i * sizeof<W>()), f32x4.splat(scale)))
  }
  for (; i < width; i++) store<f32>(out + (<usize>i << 2), load1<W>(row + <usize>i * sizeof<W>()) * scale)
}

function embedInt8Row(out: usize, row: usize, width: i32, rowScale: f32, scale: f32): void {
  for (let i = 0; i < width; i++) store<f32>(out + (<usize>i << 2), <f32>load<i8>(row + i) * rowScale * scale)
}
