import { kernel } from '../../../../cuda/index.ts'
import { type CudaWeight, ELEMENT_BYTES } from '../tensor.ts'
import type { Tools } from '../tools.ts'
import { launched } from './launched.ts'
import { bytesOf, detailOf, flopsOf, GATES, HOPPER_SHARED, type LinearRequest } from './linear-request.ts'
import type { DeviceOperation } from './operation.ts'

const GEMV = kernel('gemv', {
  weight: 'pointer',
  scales: 'pointer',
  bias: 'pointer',
  x: 'pointer',
  xSums: 'pointer',
  epsilon: 'f32',
  out: 'pointer',
  residual: 'pointer',
  nextWeight: 'pointer',
  sums: 'pointer',
  kCache: 'pointer',
  vCache: 'pointer',
  cosines: 'pointer',
  sines: 'pointer',
  positions: 'pointer',
  slots: 'pointer',
})

/** How gemv.cu shares out a matrix. */
export interface GemvTiling {
  /** Even: pairs of rows stay together. */
  readonly rowsPerWarp: number
  /** Loads of 16 bytes of each row that a lane has in flight. */
  readonly loads: number
  readonly warps: number
  /** Warps that share their rows. */
  readonly split: number
  /** 1: a load is followed by the next round's as soon as it is used; 0: a round's loads go together. */
  readonly ring: 0 | 1
  /** 1: the next kernel may start when this one's last loads are under way; 0: at once. */
  readonly late: 0 | 1
}

/** Worth timing against each other on a card, for so many rows; the likeliest come first. */
export function gemvVariants(rows: number): readonly GemvTiling[] {
  const one = [
    [2, 4, 8, 2, 0, 0],
    [4, 4, 8, 2, 0, 0],
    [2, 4, 16, 1, 0, 0],
    [2, 4, 16, 1, 0, 1],
    [4, 4, 4, 1, 0, 0],
    [2, 8, 4, 1, 0, 0],
    [2, 8, 4, 1, 0, 1],
    [4, 4, 8, 2, 0, 1],
    [4, 2, 16, 2, 0, 0],
    [2, 4, 16, 2, 0, 0],
  ]
  const more = [
    [2, 4, 8, 1, 0, 0],
    [4, 2, 8, 2, 0, 0],
    [2, 4, 8, 2, 0, 0],
    [4, 2, 16, 2, 0, 0],
    [4, 2, 8, 4, 0, 0],
    [4, 4, 8, 4, 0, 0],
    [2, 4, 16, 2, 0, 0],
    [4, 4, 4, 1, 0, 0],
  ]
  return (rows === 1 ? one : more).map(
    ([rowsPerWarp, loads, warps, split, ring, late]) =>
      ({ rowsPerWarp, loads, warps, split, ring, late }) as GemvTiling,
  )
}

/** Rows that the kernel takes at most; each more costs registers and arithmetic. */
export const GEMV_ROWS = 4

/** Whether the kernel can take products of `rows` with `weight`: x and the weight come 16 bytes at a time. */
export function gemvHolds(
  { sharedBytes = HOPPER_SHARED, activationType }: Tools,
  weight: CudaWeight,
  rows: number,
): boolean {
  const [, inner] = weight.shape
  const xBytes = inner * ELEMENT_BYTES[activationType]
  return (
    rows <= GEMV_ROWS &&
    (inner * ELEMENT_BYTES[weight.storage]) % 16 === 0 &&
    xBytes % 16 === 0 &&
    // What is over is for sums.
    rows * xBytes <= sharedBytes - 4096
  )
}

/** `[rowsPerWarp, loads, warps, split, ring]` */
type Tuned = readonly [number, number, number, number, (0 | 1)?]

/** What was fastest on an H200 for one row where it is not what {@link usualTiling} says, by bits of a weight and shape. */
const TUNED: Readonly<Record<string, Tuned>> = {
  '16 4096 4096': [4, 4, 8, 2],
  '16 5120 5120': [2, 8, 4, 1],
  '16 5120 13824': [2, 8, 4, 1],
  '16 22016 4096': [4, 4, 4, 1],
  '16 28672 4096': [4, 4, 4, 1],
  '16 32000 4096': [2, 8, 8, 2, 1],
  '8 5120 13824': [2, 8, 4, 1],
  '8 6144 4096': [2, 4, 16, 1],
  '8 15360 5120': [4, 4, 4, 1],
  '8 27648 5120': [4, 4, 4, 1],
}

/**
 * From the same timings. Long rows want two warps each; a narrow matrix of 8 bits is read in one round, or the card is
 * not full; several rows of x want more rows of such a weight for each, as its conversion is most of the work.
 */
function usualTiling([width, inner]: readonly [number, number], bits: number, narrow: boolean, rows: number): Tuned {
  if (bits === 32) return width > 4096 ? [2, 4, 8, 1] : [2, 4, 4, 1]
  if (bits === 16) return rows > 2 ? [2, 4, 8, 1] : rows === 1 && narrow && inner >= 8192 ? [4, 4, 8, 2] : [2, 4, 8, 2]
  if (rows > 1) return [4, 2, 8, 2]
  return inner >= 8192 ? [4, 4, 8, 2] : narrow ? [2, 8, 4, 1] : [2, 4, 16, 1]
}

export function gemvTiling({ shape, storage }: CudaWeight, multiprocessors: number, rows: number): GemvTiling {
  const bits = 8 * ELEMENT_BYTES[storage]
  const tuned = rows === 1 ? TUNED[`${bits} ${shape[0]} ${shape[1]}`] : undefined
  const [rowsPerWarp, most, warps, split, ring = 0] =
    tuned ?? usualTiling(shape, bits, shape[0] <= 48 * multiprocessors, rows)
  // No more loads than a row has.
  let loads = most
  while (loads > 1 && (32 * split * loads) / 2 >= (shape[1] * bits) / 128) loads /= 2
  return { rowsPerWarp, loads, warps, split, ring, late: 0 }
}

export function gemvBlocks(weight: CudaWeight, { rowsPerWarp, warps, split }: GemvTiling): number {
  return Math.ceil(weight.shape[0] / (rowsPerWarp * (warps / split)))
}

/** The product of up to four rows, with all that can be joined to it. */
export function gemv(
  tools: Tools,
  request: LinearRequest,
  tiling: GemvTiling = gemvTiling(request.weight, tools.multiprocessors, request.rows),
): DeviceOperation {
  const { out, x, weight, bias, input, output } = request
  const [width, inner] = weight.shape
  const residual = output?.kind === 'residual' ? output : undefined
  const rope = output?.kind === 'rope' ? output : undefined
  return launched(tools, {
    file: 'gemv.cu',
    kernel: GEMV,
    defines: {
      ACTIVATION: x.type,
      OUTPUT: out.type,
      WEIGHT: weight.storage,
      WIDTH: width,
      INNER: inner,
      X_ROWS: request.rows,
      ROWS_PER_WARP: tiling.rowsPerWarp,
      LOADS: tiling.loads,
      WARPS: tiling.warps,
      SPLIT: tiling.split,
      RING: tiling.ring,
      LATE: tiling.late,
      BIAS: bias === undefined ? 0 : 1,
      DEFERRED: input?.count ?? 0,
      ...epilogueOf(request),
    },
    detail: detailOf(request),
    blocks: gemvBlocks(weight, tiling),
    threads: tiling.warps * 32,
    sharedBytes: request.rows * inner * ELEMENT_BYTES[x.type],
    args: {
      weight: weight.pointer,
      scales: weight.scales,
      bias: bias?.pointer ?? 0,
      x: x.pointer,
      xSums: input?.partials ?? 0,
      epsilon: input?.epsilon ?? 0,
      out: out.pointer,
      residual: residual?.residual.pointer ?? 0,
      nextWeight: residual?.next?.weight.pointer ?? 0,
      sums: residual?.next?.partials ?? 0,
      kCache: rope?.kv.k.pointer ?? 0,
      vCache: rope?.kv.v.pointer ?? 0,
      cosines: rope?.rope.cos.pointer ?? 0,
      sines: rope?.rope.sin.pointer ?? 0,
      positions: tools.step.positions,
      slots: tools.step.slots,
    },
    bytes: bytesOf(request),
    flops: flopsOf(request),
  })
}

function epilogueOf({ output }: LinearRequest): Record<string, string | number> {
  switch (output?.kind) {
    case undefined:
      return { EPILOGUE: 0 }
    case 'residual':
      return { EPILOGUE: 1, NEXT: output.next === undefined ? 0 : 1, NEXT_OFFSET: output.next?.offset ?? 0 }
    case 'gated':
      return { EPILOGUE: 2, GATE: GATES[output.activation] }
    case 'rope': {
      const { heads, kvHeads, headDim } = output.heads
      return { EPILOGUE: 3, HEADS: heads, KV_HEADS: kvHeads, HEAD_DIM: headDim, CACHE: output.kv.k.type }
    }
  }
}
