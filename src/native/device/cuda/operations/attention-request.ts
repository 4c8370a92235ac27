import type { HeadShape } from '../../device.ts'
import type { CudaKvLayer } from '../program/nodes.ts'
import type { SeenPositions } from '../step/step-room.ts'
import type { CudaTensor } from '../tensor.ts'

export interface AttentionRequest {
  /** `[tokens, heads·headDim]` */
  readonly out: CudaTensor
  /** `[tokens, (heads + 2·kvHeads)·headDim]`, already rotated. */
  readonly qkv: CudaTensor
  readonly kv: CudaKvLayer
  readonly heads: HeadShape
  readonly scale: number
  /** How many positions a query sees, itself included; undefined: all before it. */
  readonly window: number | undefined
}

/** The first `count` of the step's singles, none of which sees more than `maxContext` positions. */
export interface Singles {
  readonly count: number
  readonly maxContext: number
  /** Positions that they see together, a window aside, where that is known; else each is taken to see the most. */
  readonly positions?: number | undefined
}

/** The step's first `count` tiles. */
export interface Tiles {
  readonly count: number
  /** Where it is known. */
  readonly seen?: SeenPositions | undefined
}

/** Positions that `part` of the singles see, for reckoning. */
export function seenBy({ count, maxContext, positions }: Singles, part: number, window: number): number {
  return Math.min(positions === undefined ? part * maxContext : (positions * part) / count, part * window)
}

/** More positions than any query sees. */
const UNBOUNDED = 2 ** 31 - 1

/** What every kernel of attention is specialised with. */
export function attentionDefines({ qkv, kv, heads: shape }: AttentionRequest) {
  const { heads, kvHeads, headDim } = shape
  return { ACTIVATION: qkv.type, KV: kv.k.type, HEADS: heads, KV_HEADS: kvHeads, HEAD_DIM: headDim }
}

export function attentionDetail({ qkv, kv, heads: shape }: AttentionRequest, work: string): string {
  const { heads, kvHeads, headDim } = shape
  return `${qkv.type} × ${kv.k.type} ${work} · ${heads}/${kvHeads} heads of ${headDim}`
}

export function windowOf({ window }: AttentionRequest): number {
  return Math.min(window ?? UNBOUNDED, UNBOUNDED)
}
