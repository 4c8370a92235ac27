import { kernel } from '../../../../cuda/index.ts'
import type { HeadShape } from '../../device.ts'
import { ELEMENT_BYTES } from '../../element-bytes.ts'
import { attentionRoom, SPLITS_AT_ONCE } from '../memory/room-bytes.ts'
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

const ATTENTION_DECODE = kernel('attentionDecode', {
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
  settled: 'u32',
  counters: 'pointer',
  statistics: 'pointer',
  partials: 'pointer',
})

/** Splits of a context, at most: a warp's lanes weigh one each. */
const MAX_SPLITS = 32
/** Query heads that share a block: columns of a tensor core's smaller operand. */
const MAX_PACK = 8
/** A context of so many positions is not split: to merge it would cost more. */
const WHOLE = 512
/** The most that a grid's third dimension counts to. */
const MAX_GRID = 65535

/** One by one, each over several blocks of the card: attention-decode.cu. */
export function attentionDecode(
  tools: Tools,
  request: AttentionRequest,
  all: Singles,
  tiling: DecodeTiling = decodeTiling(tools, request.heads, all),
): readonly DeviceOperation[] {
  const { out, qkv, kv, heads: shape, scale } = request
  const { count, maxContext } = all
  const { heads, kvHeads, headDim } = shape
  const { step, techniques } = tools
  const packing = packingOf(shape, techniques.has('pack-heads'))
  const { split, portions, warps, launch } = tiling
  const window = windowOf(request)
  // The first of a window's positions may lie anywhere in its cache block.
  const context = Math.min(maxContext, window + 15)
  const maxSplits = techniques.has('split-kv') ? MAX_SPLITS : 1
  const splits = context <= WHOLE ? 1 : Math.min(maxSplits, Math.ceil(context / split))
  const { counters, statistics, partials } =
    maxSplits === 1 ? { counters: 0, statistics: 0, partials: 0 } : decodeRoom(tools, shape)
  const atOnce = splits === 1 ? MAX_GRID : Math.floor(SPLITS_AT_ONCE / splits)
  // Field by field: objects that begin with a spread take microseconds to make.
  const { ACTIVATION, KV, HEADS, KV_HEADS, HEAD_DIM } = attentionDefines(request)
  const operations: DeviceOperation[] = []
  for (let first = 0; first < count; first += atOnce) {
    const singles = Math.min(atOnce, count - first)
    const seen = seenBy(all, singles, window)
    const operation = launched(tools, {
      file: 'attention-decode.cu',
      kernel: ATTENTION_DECODE,
      defines: {
        ACTIVATION,
        KV,
        HEADS,
        KV_HEADS,
        HEAD_DIM,
        PACK: packing.pack,
        SPLIT: split,
        WHOLE,
        PORTIONS: portions,
        MAX_SPLITS: maxSplits,
        WARPS: warps,
        LAUNCH: launch,
      },
      detail: attentionDetail(request, `[${singles}] of ≤ ${maxContext}`),
      blocks: [splits, packing.blocks, singles],
      threads: warps * 32,
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
        // A token that is not its sequence's only one may see what this very step wrote.
        settled: techniques.has('overlap') && step.singles !== step.everyToken ? 1 : 0,
        counters,
        statistics,
        partials,
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

/** The same for every step of a model, so that it is there before the first one. */
function decodeRoom(tools: Tools, shape: HeadShape) {
  const { counters, statistics, partials } = attentionRoom(shape)
  return {
    counters: tools.workspace('attention-counters', counters),
    statistics: tools.workspace('attention-statistics', statistics),
    partials: tools.workspace('attention-partials', partials),
  }
}

/** Query heads of a block, and blocks of a split of a token. */
function packingOf({ heads, kvHeads }: HeadShape, packs: boolean) {
  const group = heads / kvHeads
  const parts = packs ? Math.ceil(group / MAX_PACK) : group
  return { pack: Math.ceil(group / parts), blocks: kvHeads * parts }
}

/** attention-decode.cu with the constants of these names. */
export interface DecodeTiling {
  /** How a token's positions are shared out: by the model's shape alone, so that its bits depend on nothing else. */
  readonly split: number
  readonly portions: number
  /** These change no bits. */
  readonly warps: number
  readonly launch: 0 | 1 | 2
}

/** The fastest on an H200, of those whose sums fit the 48 KiB of shared memory that are there without asking. */
function decodeTiling(tools: Tools, shape: HeadShape, { count, maxContext }: Singles): DecodeTiling {
  const { multiprocessors, techniques } = tools
  const { pack, blocks } = packingOf(shape, techniques.has('pack-heads'))
  const sums = pack * shape.headDim
  // More than 8 warps have no registers for wider heads.
  const portions = sums <= 256 && shape.headDim <= 128 ? 16 : sums <= 1024 ? 8 : 4
  const split = blocks < 8 ? 256 : 512
  // Few blocks are to be quick; many are to keep the memory busy while others merge.
  const perMultiprocessor = (count * blocks * Math.max(1, maxContext / split)) / multiprocessors
  const warps = perMultiprocessor <= 1 ? portions : perMultiprocessor <= 2.5 ? 8 : 4
  return { split, portions, warps: Math.min(warps, portions), launch: perMultiprocessor <= 1 ? 1 : 0 }
}
