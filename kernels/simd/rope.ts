import { argument, launch, setArgument } from './job'
import { normRow } from './norm'
import { Operation } from './operations'
import { packBf16 } from './store-weight'

/**
 * Normalises (where `qNorm` is not 0) and rotates the q and k heads of every token, in place, and copies k and v into
 * the token's slot of the cache, rounding to bfloat16 where the cache is.
 *
 * @param qkv - `[count, heads + 2·kvHeads, headDim]`
 * @param k - `[slots, kvHeads, headDim]`, like `v`
 * @param cos - `[…, headDim/2]`, like `sin`
 * @param positions - `[count]`, like `slots`
 * @param qNorm - `[headDim]`, like `kNorm`
 */
export function ropeAndCache(
  qkv: usize, k: usize, v: usize, cos: usize, sin: usize, positions: usize, slots: usize, count: i32,
  heads: i32, kvHeads: i32, headDim: i32, bf16: i32, qNorm: usize, kNorm: usize, epsilon: f32, offset: f32,
): void {
  setArgument<usize>(0, qkv)
  setArgument<usize>(1, k)
  setArgument<usize>(2, v)
  setArgument<usize>(3, cos)
  setArgument<usize>(4, sin)
  setArgument<usize>(5, positions)
  setArgument<usize>(6, slots)
  setArgument<i32>(7, heads)
  setArgument<i32>(8, kvHeads)
  setArgument<i32>(9, headDim)
  setArgument<i32>(10, bf16)
  setArgument<usize>(11, qNorm)
  setArgument<usize>(12, kNorm)
  setArgument<f32>(13, epsilon)
  setArgument<f32>(14, offset)
  launch(Operation.Rope, count, (heads + 2 * kvHeads) * headDim * 4, 1)
}

export function ropePart(from: i32, to: i32): void {
  const heads = argument<i32>(7)
  const kvHeads = argument<i32>(8)
  const headDim = argument<i32>(9)
  const qNorm = argument<usize>(11)
  const headBytes = <usize>headDim << 2
  const keyCount = kvHeads * headDim
  for (let t = from; t < to; t++) {
    const row = argument<usize>(0) + <usize>t * <usize>(heads + 2 * kvHeads) * headBytes
    const table = <usize>load<u32>(argument<usize>(5) + (<usize>t << 2)) * (headBytes >> 1)
    for (let head = 0; head < heads + kvHeads; head++) {
      const x = row + <usize>head * headBytes
      const weight = head < heads ? qNorm : argument<usize>(12)
      if (qNorm != 0) normRow(x, x, weight, headDim, argument<f32>(13), argument<f32>(14))
      rotate(x, headBytes >> 1, argument<usize>(3) + table, argument<usize>(4) + table)
    }
    const keys = row + <usize>heads * headBytes
    const slot = <usize>load<u32>(argument<usize>(6) + (<usize>t << 2)) * <usize>keyCount
    if (argument<i32>(10)) {
      packBf16(argument<usize>(1) + (slot << 1), keys, keyCount)
      packBf16(argument<usize>(2) + (slot << 1), keys + (<usize>keyCount << 2), keyCount)
    } else {
      memory.copy(argument<usize>(1) + (slot << 2), keys, <usize>keyCount << 2)
      memory.copy(argument<usize>(2) + (slot << 2), keys + (<usize>keyCount << 2), <usize>keyCount << 2)
    }
  }
}

/** Pairs `(i, i + headDim/2)`, `half` bytes apart; `cos` and `sin` `[headDim/2]`. */
function rotate(x: usize, half: usize, cos: usize, sin: usize): void {
  for (let at: usize = 0; at < half; at += 16) {
    const c = v128.load(cos + at)
    const s = v128.load(sin + at)
    const first = v128.load(x + at)
    const second = v128.load(x + half + at)
    v128.store(x + at, f32x4.sub(f32x4.mul(first, c), f32x4.mul(second, s)))
    v128.store(x + half + at, f32x4.add(f32x4.mul(second, c), f32x4.mul(first, s)))
  }
}
