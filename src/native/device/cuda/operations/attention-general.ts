import { kernel } from '../../../../cuda/index.ts'
import { ELEMENT_BYTES } from '../../element-bytes.ts'
import type { Tools } from '../tools.ts'
import {
  type AttentionRequest,
  attentionDefines,
  attentionDetail,
  type Singles,
  seenBy,
  windowOf,
} from './attention-request.ts'
import { launched } from './launched.ts'
import type { DeviceOperation } from './operation.ts'

const ATTENTION_GENERAL = kernel('attentionGeneral', {
  out: 'pointer',
  qkv: 'pointer',
  keys: 'pointer',
  values: 'pointer',
  singles: 'pointer',
  positions: 'pointer',
  sequences: 'pointer',
  blockTables: 'pointer',
  maxBlocks: 'i32',
  scale: 'f32',
  window: 'i32',
})

const WARPS = 8
/** The most that a grid's second dimension counts to. */
const MAX_GRID = 65535

/** One by one, in floats, whatever the types and the heads: attention-general.cu. */
export function attentionGeneral(tools: Tools, request: AttentionRequest, all: Singles): readonly DeviceOperation[] {
  const { out, qkv, kv, heads: shape, scale } = request
  const { count, maxContext } = all
  const { heads, kvHeads, headDim } = shape
  const { step } = tools
  const window = windowOf(request)
  const operations: DeviceOperation[] = []
  for (let first = 0; first < count; first += MAX_GRID) {
    const singles = Math.min(MAX_GRID, count - first)
    const seen = seenBy(all, singles, window)
    const operation = launched(tools, {
      file: 'attention-general.cu',
      kernel: ATTENTION_GENERAL,
      defines: { ...attentionDefines(request), WARPS },
      detail: attentionDetail(request, `[${singles}] of ≤ ${maxContext}`),
      blocks: [heads, singles],
      threads: WARPS * 32,
      args: {
        out: out.pointer,
        qkv: qkv.pointer,
        keys: kv.k.pointer,
        values: kv.v.pointer,
        singles: step.singles + first * 4,
        positions: step.positions,
        sequences: step.sequences,
        blockTables: step.blockTables,
        maxBlocks: step.maxBlocks,
        scale,
        window,
      },
      bytes:
        seen * 2 * kvHeads * headDim * ELEMENT_BYTES[kv.k.type] +
        2 * singles * heads * headDim * ELEMENT_BYTES[qkv.type],
      flops: 4 * seen * heads * headDim,
    })
    operations.push(operation)
  }
  return operations
}
