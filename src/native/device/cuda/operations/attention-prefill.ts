import { kernel } from '../../../../cuda/index.ts'
import type { HeadShape } from '../../device.ts'
import { ELEMENT_BYTES } from '../../element-bytes.ts'
import { QUERY_TILE } from '../step/step-room.ts'
import type { Tools } from '../tools.ts'
import { type AttentionRequest, attentionDefines, attentionDetail, type Tiles, windowOf } from './attention-request.ts'
import { launched } from './launched.ts'
import type { DeviceOperation } from './operation.ts'

const PARAMETERS = {
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
} as const
const ATTENTION_PREFILL = kernel('attentionPrefill', PARAMETERS)
const ATTENTION_HOPPER = kernel('attentionHopper', PARAMETERS)

/** attention-prefill.cu with the constants of these names. */
export interface WarpTiling {
  readonly queries: 64 | 128
  readonly tall: 1 | 2
  readonly keyTile: number
  readonly resident: number
}

/** attention-hopper.cu with the constants of these names. */
export interface HopperTiling {
  readonly groups: 1 | 2
  readonly keyTile: 64 | 128
  readonly stages: number
  readonly beside: 0 | 1
  readonly resident: number
}

/** The step's first `count` tiles, by tensor cores. */
export function attentionPrefill(
  tools: Tools,
  request: AttentionRequest,
  { count, seen }: Tiles,
  tiling: WarpTiling | HopperTiling = tilingFor(tools.library.architecture, request.heads),
): DeviceOperation {
  const { out, qkv, kv, heads: shape, scale } = request
  const { heads, headDim } = shape
  const { step } = tools
  const { file, kernel, defines, threads, queries, sharedBytes } =
    'groups' in tiling ? hopper(tiling, headDim) : warps(tiling, headDim)
  const { bytes, flops } = workOf(request, { count, seen })
  return launched(tools, {
    file,
    kernel,
    defines: { ...attentionDefines(request), ...defines },
    detail: attentionDetail(request, `[${count}, ≤ ${QUERY_TILE}]`),
    blocks: [heads, count, QUERY_TILE / queries],
    threads,
    sharedBytes,
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
    bytes,
    flops,
  })
}

/** What moves and what is multiplied at least; where positions are not known, queries and results alone. */
function workOf(request: AttentionRequest, { count, seen }: Tiles): { bytes: number; flops: number } {
  const { qkv, kv, heads: shape } = request
  const { heads, kvHeads, headDim } = shape
  const { tileTokens, tiles, tilePositions } = seen ?? { tileTokens: count * QUERY_TILE, tiles: 0, tilePositions: 0 }
  const active = 2 * tileTokens * heads * headDim * ELEMENT_BYTES[qkv.type]
  return {
    bytes: active + 2 * tilePositions * kvHeads * headDim * ELEMENT_BYTES[kv.k.type],
    flops: 4 * Math.min(tiles, tileTokens * windowOf(request)) * heads * headDim,
  }
}

/** The fastest on an H200: elsewhere too registers decide. */
function tilingFor(architecture: string, { headDim }: HeadShape): WarpTiling | HopperTiling {
  if (architecture === 'sm_90a' && (headDim === 64 || headDim === 128 || headDim === 256)) {
    const groups = headDim === 128 ? 1 : 2
    return { groups, keyTile: 64, stages: 2, beside: 1, resident: headDim === 256 ? 1 : 2 }
  }
  if (headDim > 128) return { queries: 128, tall: 1, keyTile: 32, resident: 1 }
  return { queries: 128, tall: 2, keyTile: headDim <= 96 ? 64 : 32, resident: 2 }
}

function warps({ queries, tall, keyTile, resident }: WarpTiling, headDim: number) {
  // As in the kernel: rows of an odd number of 16-byte pieces, two stages of keys and of values, and queries that
  // registers have no room for, 16 bits each.
  const stride = ((headDim / 8) | 1) * 8
  const queryRows = tall > 1 && tall * headDim > 128 ? queries : 0
  return {
    file: 'attention-prefill.cu',
    kernel: ATTENTION_PREFILL,
    defines: { QUERY_TILE: queries, TALL: tall, KEY_TILE: keyTile, RESIDENT: resident },
    queries,
    threads: (queries / tall) * 2,
    sharedBytes: (4 * keyTile + queryRows) * stride * 2,
  }
}

function hopper({ groups, keyTile, stages, beside, resident }: HopperTiling, headDim: number) {
  const queries = groups * 64
  // As in the kernel: keys and values of each stage, queries that registers have no room for, and room to align them.
  const rows = stages * 2 * keyTile + (headDim > 128 ? queries : 0)
  return {
    file: 'attention-hopper.cu',
    kernel: ATTENTION_HOPPER,
    defines: { GROUPS: groups, KEY_TILE: keyTile, STAGES: stages, BESIDE: beside, RESIDENT: resident },
    queries,
    threads: groups * 128,
    sharedBytes: rows * headDim * 2 + 1024,
  }
}
