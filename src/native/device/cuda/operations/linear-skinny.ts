import { kernel } from '../../../../cuda/index.ts'
import type { ActivationType } from '../../device.ts'
import type { DeviceOperation } from '../operation.ts'
import { type CudaWeight, ELEMENT_BYTES } from '../tensor.ts'
import type { Tools } from '../tools.ts'
import { launched } from './launched.ts'
import { bytesOf, detailOf, flopsOf, GATES, type LinearRequest } from './linear-request.ts'

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

/** How skinny-linear.cu shares out a product. None of these changes the order of a sum. */
export interface SkinnyTiling {
  /** Rows of x in a block: 8, 16, 32 or 64. */
  readonly tokens: number
  readonly warps: number
  /** Tiles of 16 rows of the weight that a warp has. */
  readonly tiles: number
  /** Loads of 16 bytes that a lane has in flight for each row of its tiles. */
  readonly loads: number
  /** Pieces of x in flight. */
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
/** Values of k in a stage: where slices begin, so it decides the order of sums and is the same for all. */
const STAGE = 256
/** Rows of the weight in a block, as far as the number of slices is concerned. */
const BLOCK_ROWS = 128

/** Worth timing against each other on a card, for so many rows of x. */
export function skinnyVariants(rows: number): readonly SkinnyTiling[] {
  const tokens = tokensFor(rows)
  return [
    [8, 1, 8, 3, 2, 0],
    [8, 1, 8, 3, 2, 1],
    [8, 1, 4, 3, 2, 0],
    [8, 1, 4, 3, 2, 1],
    [8, 1, 8, 3, 1, 1],
    [8, 1, 4, 4, 2, 1],
    [4, 2, 8, 3, 2, 1],
    [4, 2, 4, 3, 2, 0],
    [4, 2, 4, 3, 2, 1],
    [4, 1, 8, 3, 4, 1],
    [8, 2, 4, 3, 1, 1],
  ].map(
    ([warps, tiles, loads, stages, resident, late]) =>
      ({ tokens, warps, tiles, loads, stages, resident, late }) as SkinnyTiling,
  )
}

/** Slices of k that were fastest on an H200, by storage and shape; others go by the rule in {@link skinnySplits}. */
const TUNED_SPLITS: Readonly<Record<string, number>> = {}

/** Whether the kernel can take products with `weight`. */
export function skinnyHolds({ shape, storage }: CudaWeight, activationType: ActivationType): boolean {
  if (activationType === 'f32') return false
  const [, inner] = shape
  const exact = storage === activationType || storage === 'int8' || storage === 'fp8'
  return exact && (inner * ELEMENT_BYTES[storage]) % 16 === 0
}

/**
 * Slices of k: the fewest that keep all multiprocessors busy to the end. Of the weight and the card alone, since it
 * decides the order of sums.
 */
export function skinnySplits({ shape, storage }: CudaWeight, multiprocessors: number): number {
  const [width, inner] = shape
  const tuned = TUNED_SPLITS[`${storage} ${width} ${inner}`]
  if (tuned !== undefined) return tuned
  const tiles = Math.ceil(width / BLOCK_ROWS)
  const most = Math.max(1, Math.min(8, Math.floor(Math.ceil(inner / STAGE) / 2)))
  let best = 1
  let bestBusy = 0
  for (let splits = 1; splits <= most; splits++) {
    const waves = (tiles * splits) / multiprocessors
    const busy = waves / Math.ceil(waves)
    if (busy > bestBusy + 0.02) [best, bestBusy] = [splits, busy]
    if (busy >= 0.9) break
  }
  return best
}

export function skinnyTiling(rows: number): SkinnyTiling {
  const tokens = tokensFor(rows)
  if (tokens === 64) return { tokens, warps: 4, tiles: 2, loads: 4, stages: 3, resident: 2, late: 0 }
  // What the sums leave of the registers is for loads.
  return { tokens, warps: 8, tiles: 1, loads: tokens === 32 ? 4 : 8, stages: 3, resident: 2, late: 0 }
}

/** The product of few rows, or of any number in one and the same order. */
export function skinnyLinear(
  tools: Tools,
  request: LinearRequest,
  tiling: SkinnyTiling = skinnyTiling(request.rows),
  splits: number = skinnySplits(request.weight, tools.multiprocessors),
): readonly DeviceOperation[] {
  const most = MOST_TOKEN_TILES * MOST_TOKENS
  const operations: DeviceOperation[] = []
  for (let first = 0; first < request.rows; first += most) {
    operations.push(launch(tools, request, tiling, splits, first, Math.min(most, request.rows - first)))
  }
  return operations
}

function launch(
  tools: Tools,
  request: LinearRequest,
  tiling: SkinnyTiling,
  splits: number,
  first: number,
  rows: number,
): DeviceOperation {
  const { out, x, weight, bias, output } = request
  const [width, inner] = weight.shape
  const { tokens, warps, tiles, loads, stages, resident, late } = tiling
  const blockRows = warps * tiles * 16
  const residual = output?.kind === 'residual' ? output.residual : undefined
  const outWidth = output?.kind === 'gated' ? width / 2 : width
  const part = { ...request, rows }
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
      TILES: tiles,
      LOADS: loads,
      STAGE,
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
    sharedBytes: stages * tokens * (STAGE * 2 + (ELEMENT_BYTES[weight.storage] === 1 ? 16 : 64)),
    args: {
      weight: weight.pointer,
      scales: weight.scales,
      bias: bias?.pointer ?? 0,
      x: x.pointer + first * inner * ELEMENT_BYTES[x.type],
      out: out.pointer + first * outWidth * ELEMENT_BYTES[out.type],
      residual: residual === undefined ? 0 : residual.pointer + first * width * 4,
      ...rooms(tools, weight, splits),
      rows,
    },
    bytes: bytesOf(part),
    flops: flopsOf(part),
  })
}

/** For the largest launch, whichever this one is, so that nothing more is asked for while serving. */
function rooms(tools: Tools, { shape }: CudaWeight, splits: number): { parts: number; counters: number } {
  if (splits === 1) return { parts: 0, counters: 0 }
  const tokenTiles = tools.batchInvariant ? MOST_TOKEN_TILES : 1
  // Blocks of 256 rows round the width up further than smaller ones do.
  const width = Math.ceil(shape[0] / 256) * 256
  return {
    parts: tools.workspace('skinny-parts', tokenTiles * MOST_TOKENS * width * splits * 4),
    counters: tools.workspace('skinny-counters', tokenTiles * 8 * Math.ceil(width / 64) * 4),
  }
}

function tokensFor(rows: number): number {
  return rows <= 8 ? 8 : rows <= 16 ? 16 : rows <= 32 ? 32 : MOST_TOKENS
}
