import { argument, launch, setArgument, threadIndex } from './job'
import { Operation } from './operations'
import { exp4, load4, max4, multiplyAdd, sum4, sum4x4 } from './vector'

// Two passes over the blocks that a query sees: scores, then values weighted by their softmax. An item is a token and
// a key/value head with all query heads of its group, so that a block of keys or values is fetched once for the group.
// Each query's sums run over absolute positions in order, so its bits depend on what it sees alone.

/** Positions per block. */
const BLOCK: usize = 16

/**
 * @param out - `[count, heads, headDim]`
 * @param qkv - `[count, heads + 2·kvHeads, headDim]`
 * @param k - `[blocks, BLOCK, kvHeads, headDim]`, like `v`; bfloat16 where `bf16` is 1
 * @param positions - `[count]`
 * @param sequences - `[count]`: whose token it is
 * @param tables - `[sequences, maxBlocks]`
 * @param window - positions that a query sees; 0: all
 * @param scores - room for `[threads, heads/kvHeads, maxBlocks·BLOCK]`
 * @param work - Σ over tokens of the positions that they see
 */
export function attention(
  out: usize, qkv: usize, k: usize, v: usize, positions: usize, sequences: usize, tables: usize, maxBlocks: i32,
  count: i32, heads: i32, kvHeads: i32, headDim: i32, scale: f32, window: i32, bf16: i32, scores: usize, work: f64,
): void {
  setArgument<usize>(0, out)
  setArgument<usize>(1, qkv)
  setArgument<usize>(2, k)
  setArgument<usize>(3, v)
  setArgument<usize>(4, positions)
  setArgument<usize>(5, sequences)
  setArgument<usize>(6, tables)
  setArgument<i32>(7, maxBlocks)
  setArgument<i32>(8, heads)
  setArgument<i32>(9, kvHeads)
  setArgument<i32>(10, headDim)
  setArgument<f32>(11, scale)
  setArgument<i32>(12, window)
  setArgument<usize>(13, scores)
  // Two multiply-adds a position and column, at half the rate of a matrix product's.
  const perItem = <i64>(work / <f64>count) * 4 * (heads / kvHeads) * headDim
  launch(bf16 ? Operation.AttentionBf16 : Operation.AttentionF32, count * kvHeads, perItem, 1)
}

export function attentionPart<W>(from: i32, to: i32): void {
  const kvHeads = argument<i32>(9)
  for (let item = from; item < to; item++) attend<W>(item / kvHeads, item % kvHeads)
}

function attend<W>(token: i32, kvHead: i32): void {
  const heads = argument<usize>(8)
  const kvHeads = argument<usize>(9)
  const headDim = argument<usize>(10)
  const maxBlocks = argument<usize>(7)
  const group = heads / kvHeads
  const headBytes = headDim << 2
  const last = <usize>load<u32>(argument<usize>(4) + (<usize>token << 2))
  const window = argument<usize>(12)
  const first: usize = window == 0 || last < window ? 0 : last - window + 1
  const table = argument<usize>(6) + (<usize>load<u32>(argument<usize>(5) + (<usize>token << 2)) * maxBlocks << 2)
  const head = <usize>kvHead * group
  const q = argument<usize>(1) + (<usize>token * (heads + 2 * kvHeads) + head) * headBytes
  const out = argument<usize>(0) + (<usize>token * heads + head) * headBytes
  // Bytes between positions, and from the start of a block to this head.
  const step = kvHeads * headDim * sizeof<W>()
  const into = <usize>kvHead * headDim * sizeof<W>()
  const scoreBytes = maxBlocks * BLOCK << 2
  const scores = argument<usize>(13) + <usize>threadIndex() * group * scoreBytes
  const firstBlock = first / BLOCK
  const lastBlock = last / BLOCK

  for (let block = firstBlock; block <= lastBlock; block++) {
    const keys = argument<usize>(2) + <usize>load<u32>(table + (block << 2)) * BLOCK * step + into
    const to = scores + (block * BLOCK << 2)
    for (let h: usize = 0; h < group; h++) scoreBlock<W>(to + h * scoreBytes, q + h * headBytes, keys, step, headDim)
  }
  for (let h: usize = 0; h < group; h++) {
    softmax(scores + h * scoreBytes, first, last, argument<f32>(11))
    memory.fill(out + h * headBytes, 0, headBytes)
  }
  for (let block = firstBlock; block <= lastBlock; block++) {
    const values = argument<usize>(3) + <usize>load<u32>(table + (block << 2)) * BLOCK * step + into
    const begin = max(first, block * BLOCK)
    const count = min(last, block * BLOCK + BLOCK - 1) - begin + 1
    const at = values + (begin & (BLOCK - 1)) * step
    for (let h: usize = 0; h < group; h++) {
      mixBlock<W>(out + h * headBytes, scores + h * scoreBytes + (begin << 2), at, step, count, headDim)
    }
  }
}

/** `scores[p] = q · keys[p]` for all positions of a block, those of no concern included. */
function scoreBlock<W>(scores: usize, q: usize, keys: usize, step: usize, headDim: usize): void {
  for (let p: usize = 0; p < BLOCK; p += 4) {
    let s0 = f32x4.splat(0)
    let s1 = f32x4.splat(0)
    let s2 = f32x4.splat(0)
    let s3 = f32x4.splat(0)
    let k0 = keys + p * step
    let k1 = k0 + step
    let k2 = k1 + step
    let k3 = k2 + step
    for (let at = q, end = q + (headDim << 2); at < end; at += 16) {
      const value = v128.load(at)
      s0 = multiplyAdd(s0, value, load4<W>(k0))
      s1 = multiplyAdd(s1, value, load4<W>(k1))
      s2 = multiplyAdd(s2, value, load4<W>(k2))
      s3 = multiplyAdd(s3, value, load4<W>(k3))
      k0 += 4 * sizeof<W>()
      k1 += 4 * sizeof<W>()
      k2 += 4 * sizeof<W>()
      k3 += 4 * sizeof<W>()
    }
    v128.store(scores + (p << 2), sum4x4(s0, s1, s2, s3))
  }
}

/** Scores `first … last` become weights that sum to 1; the others in their blocks are not read. */
function softmax(scores: usize, first: usize, last: usize, scale: f32): void {
  const begin = scores + ((first & ~3) << 2)
  const end = scores + (last + 1 << 2)
  for (let at = begin; at < scores + (first << 2); at += 4) store<f32>(at, -Infinity)
  for (let p = last + 1; p & 3; p++) store<f32>(scores + (p << 2), -Infinity)
  let largest = f32x4.splat(-Infinity)
  for (let at = begin; at < end; at += 16) {
    const scaled = f32x4.mul(v128.load(at), f32x4.splat(scale))
    v128.store(at, scaled)
    largest = f32x4.max(largest, scaled)
  }
  const most = f32x4.splat(max4(largest))
  let total = f32x4.splat(0)
  for (let at = begin; at < end; at += 16) {
    const weight = exp4(f32x4.sub(v128.load(at), most))
    v128.store(at, weight)
    total = f32x4.add(total, weight)
  }
  const inverse = f32x4.splat(1 / sum4(total))
  for (let at = begin; at < end; at += 16) v128.store(at, f32x4.mul(v128.load(at), inverse))
}

/** `out += Σ_p weights[p] · values[p]` over `count` positions, 16 of `headDim` columns at a time. */
function mixBlock<W>(out: usize, weights: usize, values: usize, step: usize, count: usize, headDim: usize): void {
  const lastWeight = weights + (count << 2)
  let i: usize = 0
  for (; i + 16 <= headDim; i += 16) {
    const to = out + (i << 2)
    let s0 = v128.load(to)
    let s1 = v128.load(to, 16)
    let s2 = v128.load(to, 32)
    let s3 = v128.load(to, 48)
    let at = values + i * sizeof<W>()
    for (let w = weights; w < lastWeight; w += 4) {
      const weight = v128.load32_splat(w)
      s0 = multiplyAdd(s0, weight, load4<W>(at))
      s1 = multiplyAdd(s1, weight, load4<W>(at, 4 * sizeof<W>()))
      s2 = multiplyAdd(s2, weight, load4<W>(at, 8 * sizeof<W>()))
      s3 = multiplyAdd(s3, weight, load4<W>(at, 12 * sizeof<W>()))
      at += step
    }
    v128.store(to, s0)
    v128.store(to, s1, 16)
    v128.store(to, s2, 32)
    v128.store(to, s3, 48)
  }
  for (; i < headDim; i += 4) {
    let sum = v128.load(out + (i << 2))
    let at = values + i * sizeof<W>()
    for (let w = weights; w < lastWeight; w += 4) {
      sum = multiplyAdd(sum, v128.load32_splat(w), load4<W>(at))
      at += step
    }
    v128.store(out + (i << 2), sum)
  }
}
