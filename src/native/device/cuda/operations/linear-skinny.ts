import { kernel } from '../../../../cuda/index.ts'
import type { ActivationType } from '../../device.ts'
import { type CudaWeight, ELEMENT_BYTES } from '../tensor.ts'
import type { Tools } from '../tools.ts'
import { launched } from './launched.ts'
import { bytesOf, detailOf, flopsOf, GATES, HOPPER_SHARED, type LinearRequest } from './linear-request.ts'
import type { DeviceOperation } from './operation.ts'

const SKINNY_LINEAR = kernel('skinnyLinear', {
  weight: 'pointer',
  scales: 'pointer',
  bias: 'pointer',
  x: 'pointer',
  out: 'pointer',
  residual: 'pointer',
  parts: 'pointer',
  counters: 'pointer',
  rows: 'i32',
})

/** How skinny-linear.cu shares out a product. The order of a sum depends on `kWarps` and `splits`, and then on `stage`. */
export interface SkinnyTiling {
  /** Rows of x in a block: 8, 16, 32 or 64. */
  readonly tokens: number
  readonly warps: number
  /** Warps of a block that take turns at k; the others have rows of their own. */
  readonly kWarps: number
  /** Slices of k, each a block's. */
  readonly splits: number
  /** Tiles of 16 rows of the weight that a warp has. */
  readonly tiles: number
  /** Loads of 16 bytes that a lane has in flight for each row of its tiles. */
  readonly loads: number
  /** Values of k in a piece of x: a multiple of 64 · kWarps, or of 128 · kWarps where weights have 8 bits… */
  readonly stage: number
  /** …and how many such pieces are in flight. */
  readonly stages: number
  /** Blocks of a multiprocessor. */
  readonly resident: number
  /** 1: the next kernel may start when this one's last loads are under way; 0: at once. */
  readonly late: 0 | 1
}

/** Rows of x that a block takes at most. */
const MOST_TOKENS = 64
/** Blocks of rows of x in one launch at most, which bounds the room for the slices' parts. */
const MOST_TOKEN_TILES = 4

/** Worth timing against each other on a card, for so many rows of x. */
export function skinnyVariants(rows: number, { shape, storage }: CudaWeight, tools: Tools): readonly SkinnyTiling[] {
  const tokens = tokensFor(rows)
  const few = [
    [8, 4, 1, 2, 4, 512, 3, 2],
    [8, 8, 1, 1, 8, 512, 3, 2],
    [8, 8, 1, 1, 4, 512, 3, 3],
    [8, 8, 1, 1, 4, 1024, 2, 3],
    [8, 8, 1, 1, 4, 2048, 2, 3],
    [8, 8, 1, 2, 4, 1024, 2, 2],
    [16, 8, 1, 1, 4, 512, 3, 2],
    [16, 8, 1, 2, 4, 512, 3, 1],
    [16, 16, 1, 2, 2, 1024, 2, 1],
    [4, 1, 0, 2, 4, 256, 3, 2],
    [4, 1, 0, 1, 8, 256, 3, 4],
  ]
  const many = [
    [8, 1, 0, 2, 4, 256, 3, 1],
    [8, 1, 0, 1, 8, 256, 3, 1],
    [8, 1, 0, 1, 4, 256, 3, 2],
    [8, 1, 0, 2, 4, 512, 2, 1],
    [8, 1, 0, 1, 8, 512, 2, 1],
    [16, 1, 0, 1, 4, 256, 3, 1],
    [16, 2, 0, 2, 2, 256, 3, 1],
    [16, 2, 0, 1, 4, 256, 3, 1],
    [16, 4, 0, 2, 2, 256, 3, 1],
    [4, 1, 0, 2, 4, 256, 3, 2],
    [4, 2, 0, 2, 4, 256, 3, 2],
  ]
  return (tokens <= 16 ? few : many).flatMap(
    ([warps = 0, kWarps = 0, given = 0, tiles = 0, loads = 0, stage = 0, stages = 0, resident = 0]) => {
      if (stage % ((64 / ELEMENT_BYTES[storage]) * kWarps) !== 0) return []
      const blocks = Math.ceil(shape[0] / ((warps / kWarps) * tiles * 16))
      const splits =
        given === 0
          ? splitsFor(blocks, Math.min(8, Math.max(1, shape[1] / stage / 2)), tools.multiprocessors * resident)
          : given
      return [{ tokens, warps, kWarps, splits, tiles, loads, stage, stages, resident, late: 0 }]
    },
  )
}

/** Whether the kernel can take products with `weight`. */
export function skinnyHolds({ shape, storage }: CudaWeight, activationType: ActivationType): boolean {
  if (activationType === 'f32') return false
  const [, inner] = shape
  const exact = storage === activationType || storage === 'int8' || storage === 'fp8'
  return exact && (inner * ELEMENT_BYTES[storage]) % 16 === 0
}

/**
 * What was fastest on an H200 for weights of 8 bits, and for 16 up to 8 rows. Up to 16 rows the warps of a block share k,
 * so that its x is small beside its weights. With more they have rows of their own, x being the larger part of what passes
 * through shared memory, and a narrow matrix is cut across k.
 */
function fastestTiling(
  [width, inner]: readonly [number, number],
  bytes: number,
  { multiprocessors, partsBytes }: Pick<Tools, 'multiprocessors' | 'partsBytes'>,
  rows: number,
): SkinnyTiling {
  const tokens = tokensFor(rows)
  const narrow = width <= 48 * multiprocessors
  const same = { tokens, warps: 8, kWarps: 1, splits: 1, stage: 256, stages: 3, resident: 1, late: 0 } as const
  if (tokens <= 16) {
    const few = { ...same, stage: 512, resident: 2 }
    if (narrow) return { ...few, kWarps: 8, tiles: 1, loads: 8 }
    return { ...few, kWarps: bytes === 1 ? 4 : 8, tiles: 2, loads: 4 }
  }
  if (rows <= MOST_TOKENS) {
    const tiles = narrow ? 1 : 2
    const blocks = Math.ceil(width / (same.warps * tiles * 16))
    const most = Math.min(8, inner / same.stage / 2, (partsBytes ?? Number.POSITIVE_INFINITY) / partBytes(width))
    return { ...same, tiles, loads: 8 / tiles, splits: splitsFor(blocks, Math.max(1, most), multiprocessors) }
  }
  if (narrow) return { ...same, kWarps: 4, tiles: 2, loads: 4 }
  return { ...same, warps: 4, tiles: 2, loads: 4, stages: 2, resident: 2 }
}

/** Slices of k: as many as keep most multiprocessors busy to the end, at about a twelfth of the time for each. */
function splitsFor(blocks: number, most: number, multiprocessors: number): number {
  let [best, worthMost] = [1, 0]
  for (let splits = 1; splits <= most; splits++) {
    const waves = (blocks * splits) / multiprocessors
    const worth = waves / Math.ceil(waves) - 0.08 * splits
    if (worth > worthMost) [best, worthMost] = [splits, worth]
  }
  return best
}

/** What a slice of k leaves of a product of {@link MOST_TOKENS} rows. Blocks round the width up, to 256 at most. */
function partBytes(width: number): number {
  return MOST_TOKENS * Math.ceil(width / 256) * 256 * 4
}

/** One order of sums for any number of rows: a row's bits are the same in any company. */
function invariantTiling(rows: number): SkinnyTiling {
  const tokens = tokensFor(rows)
  const same = { tokens, warps: 8, kWarps: 4, splits: 1, tiles: 2, late: 0 } as const
  if (tokens <= 16) return { ...same, loads: 4, stage: 512, stages: 3, resident: 2 }
  if (tokens === 32) return { ...same, loads: 2, stage: 256, stages: 3, resident: 2 }
  return { ...same, loads: 4, stage: 256, stages: 3, resident: 1 }
}

function skinnyTiling({ shape, storage }: CudaWeight, rows: number, tools: Tools): SkinnyTiling {
  if (tools.batchInvariant) return invariantTiling(rows)
  return fastestTiling(shape, ELEMENT_BYTES[storage], tools, rows)
}

/** The product of few rows, or of any number in one and the same order. */
export function skinnyLinear(
  tools: Tools,
  request: LinearRequest,
  tiling: SkinnyTiling = skinnyTiling(request.weight, request.rows, tools),
): readonly DeviceOperation[] {
  const most = MOST_TOKEN_TILES * MOST_TOKENS
  const operations: DeviceOperation[] = []
  for (let first = 0; first < request.rows; first += most) {
    operations.push(launch(tools, request, tiling, first, Math.min(most, request.rows - first)))
  }
  return operations
}

function launch(
  tools: Tools,
  request: LinearRequest,
  tiling: SkinnyTiling,
  first: number,
  rows: number,
): DeviceOperation {
  const { out, x, weight, bias, output } = request
  const [width, inner] = weight.shape
  const { tokens, warps, kWarps, splits, tiles, loads, stage, resident, late } = tiling
  const blockRows = (warps / kWarps) * tiles * 16
  const residual = output?.kind === 'residual' ? output.residual : undefined
  const outWidth = output?.kind === 'gated' ? width / 2 : width
  const part = { ...request, rows }
  const xBytes = tokens * (stage * 2 + (ELEMENT_BYTES[weight.storage] === 1 ? 16 : 64))
  const sumBytes = warps * tiles * 16 * tokens * 4
  // The pipeline is shorter where a block has less shared memory.
  const stages = Math.max(
    2,
    Math.min(tiling.stages, Math.floor(((tools.sharedBytes ?? HOPPER_SHARED) - 1024) / xBytes)),
  )
  const grid = [Math.ceil(rows / tokens), Math.ceil(width / blockRows), splits] as const
  return launched(tools, {
    file: 'skinny-linear.cu',
    kernel: SKINNY_LINEAR,
    defines: {
      ACTIVATION: x.type,
      OUTPUT: out.type,
      WEIGHT: weight.storage,
      WIDTH: width,
      INNER: inner,
      TOKENS: tokens,
      WARPS: warps,
      K_WARPS: kWarps,
      TILES: tiles,
      LOADS: loads,
      STAGE: stage,
      STAGES: stages,
      RESIDENT: resident,
      LATE: late,
      SPLITS: splits,
      BIAS: bias === undefined ? 0 : 1,
      EPILOGUE: output === undefined ? 0 : output.kind === 'residual' ? 1 : 2,
      ...(output?.kind === 'gated' ? { GATE: GATES[output.activation] } : {}),
    },
    detail: detailOf(part),
    blocks: grid,
    threads: warps * 32,
    sharedBytes: Math.max(stages * xBytes, kWarps === 1 ? 0 : sumBytes),
    args: {
      weight: weight.pointer,
      scales: weight.scales,
      bias: bias?.pointer ?? 0,
      x: x.pointer + first * inner * ELEMENT_BYTES[x.type],
      out: out.pointer + first * outWidth * ELEMENT_BYTES[out.type],
      residual: residual === undefined ? 0 : residual.pointer + first * width * 4,
      ...rooms(tools, weight, splits, rows),
      rows,
    },
    bytes: bytesOf(part),
    flops: flopsOf(part),
  })
}

/** For any number of rows up to 64, or as many as there are, so that nothing more is asked for while serving. */
function rooms(tools: Tools, { shape }: CudaWeight, splits: number, rows: number): { parts: number; counters: number } {
  if (splits === 1) return { parts: 0, counters: 0 }
  const tokenTiles = Math.ceil(rows / MOST_TOKENS)
  return {
    parts: tools.workspace('skinny-parts', tokenTiles * partBytes(shape[0]) * splits),
    counters: tools.workspace('skinny-counters', tokenTiles * 32 * Math.ceil(shape[0] / 256) * 16),
  }
}

function tokensFor(rows: number): number {
  return rows <= 8 ? 8 : rows <= 16 ? 16 : rows <= 32 ? 32 : MOST_TOKENS
}
