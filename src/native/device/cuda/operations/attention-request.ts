import type { HeadShape } from '../../device.ts'
import type { CudaKvLayer } from '../nodes.ts'
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
