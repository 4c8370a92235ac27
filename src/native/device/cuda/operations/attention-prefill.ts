import { kernel } from '../../../../cuda/index.ts'
import { ELEMENT_BYTES } from '../../element-bytes.ts'
import type { DeviceOperation } from '../operation.ts'
import { QUERY_TILE } from '../step-room.ts'
import type { Tools } from '../tools.ts'
import { type AttentionRequest, attentionDefines, attentionDetail, windowOf } from './attention-request.ts'
import { launched } from './launched.ts'

const ATTENTION_PREFILL = kernel('attentionPrefill', {
  out: 'pointer',
  qkv: 'pointer',
  keys: 'pointer',
  values: 'pointer',
  tiles: 'pointer',
  positions: 'pointer',
  blockTables: 'pointer',
  maxBlocks: 'i32',
  scale: 'f32',
  window: 'i32',
})

/** The step's first `count` tiles, by tensor cores: attention-prefill.cu. */
export function attentionPrefill(
  tools: Tools,
  request: AttentionRequest,
  { count }: { readonly count: number },
): DeviceOperation {
  const { out, qkv, kv, heads: shape, scale } = request
  const { heads, headDim } = shape
  const { step } = tools
  const keyTile = headDim <= 128 ? 64 : 32
  // Queries and sums stay in registers, which decides how many blocks a multiprocessor holds.
  const resident = headDim <= 64 ? 4 : headDim <= 128 ? 3 : 2
  // As in the kernel: rows of an odd number of 16-byte pieces, two stages of keys and of values, 16 bits each.
  const stride = ((headDim / 8) | 1) * 8
  return launched(tools, {
    file: 'attention-prefill.cu',
    kernel: ATTENTION_PREFILL,
    defines: { ...attentionDefines(request), QUERY_TILE, KEY_TILE: keyTile, RESIDENT: resident },
    detail: attentionDetail(request, `[${count}, ≤ ${QUERY_TILE}]`),
    blocks: [heads, count],
    threads: QUERY_TILE * 2,
    sharedBytes: 4 * keyTile * stride * 2,
    args: {
      out: out.pointer,
      qkv: qkv.pointer,
      keys: kv.k.pointer,
      values: kv.v.pointer,
      tiles: step.tiles,
      positions: step.positions,
      blockTables: step.blockTables,
      maxBlocks: step.maxBlocks,
      scale,
      window: windowOf(request),
    },
    // How many positions they see is not known here: queries and results alone.
    bytes: 2 * count * QUERY_TILE * heads * headDim * ELEMENT_BYTES[qkv.type],
    flops: 0,
  })
}
