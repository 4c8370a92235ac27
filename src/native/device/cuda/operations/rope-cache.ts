import { kernel } from '../../../../cuda/index.ts'
import type { HeadShape } from '../../device.ts'
import { ELEMENT_BYTES } from '../../element-bytes.ts'
import type { CudaKvLayer, CudaQkNorm, CudaRopeTables } from '../program/nodes.ts'
import type { CudaTensor } from '../tensor.ts'
import type { Tools } from '../tools.ts'
import { launched, vectorOf } from './launched.ts'
import type { DeviceOperation } from './operation.ts'

const ROPE_AND_CACHE = kernel('ropeAndCache', {
  qkv: 'pointer',
  keys: 'pointer',
  values: 'pointer',
  positions: 'pointer',
  slots: 'pointer',
  cosines: 'pointer',
  sines: 'pointer',
  qWeight: 'pointer',
  kWeight: 'pointer',
  epsilon: 'f32',
  offset: 'f32',
})

/** Threads of a block: a small step has more blocks than a large one would need. */
const THREADS = 128

export interface RopeRequest {
  readonly qkv: CudaTensor
  readonly kv: CudaKvLayer
  readonly heads: HeadShape
  readonly rope: CudaRopeTables
  readonly qkNorm?: CudaQkNorm | undefined
  readonly tokens: number
}

/** Leaves k in `qkv` as it was: nothing after this reads it there. */
export function ropeAndCache(tools: Tools, request: RopeRequest): DeviceOperation {
  const { qkv, kv, heads: shape, rope, qkNorm, tokens } = request
  const { heads, kvHeads, headDim } = shape
  if (headDim % 2 !== 0) throw new RangeError(`heads of ${headDim} cannot be rotated in pairs`)
  const allHeads = heads + 2 * kvHeads
  const half = headDim / 2
  // As in the kernel: lanes that share a head.
  const lanes = Math.min(32, 2 ** Math.ceil(Math.log2(half / vectorOf(half, 8))))
  return launched(tools, {
    file: 'rope-cache.cu',
    kernel: ROPE_AND_CACHE,
    defines: {
      ACTIVATION: qkv.type,
      CACHE: kv.k.type,
      HEADS: heads,
      KV_HEADS: kvHeads,
      HEAD_DIM: headDim,
      NORMED: qkNorm === undefined ? 0 : 1,
      THREADS,
    },
    detail: `${qkv.type} → ${kv.k.type} [${tokens}, ${heads} + 2·${kvHeads}, ${headDim}]`,
    blocks: tokens * Math.ceil(allHeads / (THREADS / lanes)),
    threads: THREADS,
    args: {
      qkv: qkv.pointer,
      keys: kv.k.pointer,
      values: kv.v.pointer,
      positions: tools.step.positions,
      slots: tools.step.slots,
      cosines: rope.cos.pointer,
      sines: rope.sin.pointer,
      qWeight: qkNorm?.q.pointer ?? 0,
      kWeight: qkNorm?.k.pointer ?? 0,
      epsilon: qkNorm?.epsilon ?? 0,
      offset: qkNorm?.offset ?? 0,
    },
    bytes:
      tokens * headDim * ((allHeads + heads) * ELEMENT_BYTES[qkv.type] + 2 * kvHeads * ELEMENT_BYTES[kv.k.type] + 4),
    flops: tokens * headDim * (heads + kvHeads) * (qkNorm === undefined ? 3 : 7),
  })
}
