import type { WeightStorage } from '../../device.ts'
import type { Fusion } from '../program/fusion.ts'
import type { CudaWeight } from '../tensor.ts'
import type { Tools } from '../tools.ts'
import { linearAny } from './linear-any.ts'
import { gemv, gemvBlocks, gemvHolds, gemvTiling } from './linear-gemv.ts'
import { matmul, matmulHolds } from './linear-matmul.ts'
import type { LinearRequest } from './linear-request.ts'
import { skinnyHolds, skinnyLinear } from './linear-skinny.ts'
import type { DeviceOperation } from './operation.ts'

export type { LinearRequest } from './linear-request.ts'

/**
 * Rows up to which each of our own kernels is the fastest on an H200. Weights of 16 bits come about as fast with
 * cuBLASLt once there are some rows. Those of 8 bits it takes restored only, which moves five times their bytes: until
 * the arithmetic of our kernel takes as long as that. More rows cost gemv.cu arithmetic that conversions have used up.
 */
const MOST_ROWS: Readonly<Record<WeightStorage, { readonly gemv: number; readonly skinny: number }>> = {
  f32: { gemv: 4, skinny: 0 },
  bf16: { gemv: 4, skinny: 8 },
  f16: { gemv: 4, skinny: 8 },
  int8: { gemv: 2, skinny: 192 },
  fp8: { gemv: 2, skinny: 192 },
}

/** Which kernel a product goes to. */
type Path = 'gemv' | 'skinny' | 'matmul' | 'any'

function pathOf(tools: Tools, weight: CudaWeight, rows: number): Path {
  const { activationType, batchInvariant, techniques } = tools
  const skinny = skinnyHolds(weight, activationType)
  if (batchInvariant) return skinny ? 'skinny' : 'any'
  const most = MOST_ROWS[weight.storage]
  if (rows <= (techniques.has('skinny') ? most.gemv : 1) && gemvHolds(tools, weight, rows)) return 'gemv'
  if (skinny && rows <= most.skinny && techniques.has('skinny')) return 'skinny'
  return matmulTakes(tools, weight) ? 'matmul' : 'any'
}

function matmulTakes({ activationType }: Tools, weight: CudaWeight): boolean {
  const { storage } = weight
  if (activationType === 'f32') return false
  return matmulHolds(weight) && (storage === activationType || storage === 'int8' || storage === 'fp8')
}

/**
 * The launches of a projection. An `input` or `output` is taken where {@link defersNorm} and {@link fuses} say so for
 * these rows.
 */
export function linear(tools: Tools, request: LinearRequest): readonly DeviceOperation[] {
  const { weight, rows, input, output } = request
  if (rows === 0) return []
  const path = pathOf(tools, weight, rows)
  const joined = path === 'gemv' || (path === 'skinny' && input === undefined && skinnyTakes(output))
  if (!joined && (input !== undefined || output !== undefined)) {
    throw new RangeError(`a product of ${rows} rows by ${path} cannot be joined to ${output?.kind ?? 'a norm'}`)
  }
  switch (path) {
    case 'gemv':
      return [gemv(tools, request)]
    case 'skinny':
      return skinnyLinear(tools, request)
    case 'matmul':
      return matmul(tools, request)
    case 'any':
      return [linearAny(tools, request)]
  }
}

function skinnyTakes(output: LinearRequest['output']): boolean {
  return output === undefined || output.kind === 'gated' || (output.kind === 'residual' && output.next === undefined)
}

/** Whether the kernel for so many rows does `fusion`, and it is not turned off. */
export function fuses(tools: Tools, weight: CudaWeight, rows: number, fusion: Fusion): boolean {
  if (!tools.techniques.has(TECHNIQUE_OF[fusion])) return false
  const path = pathOf(tools, weight, rows)
  if (path === 'gemv') return fusion !== 'residual-norm' || defersNorm(tools, weight, rows)
  return path === 'skinny' && (fusion === 'residual' || fusion === 'gated')
}

const TECHNIQUE_OF = {
  residual: 'fuse-norm',
  'residual-norm': 'fuse-norm',
  rope: 'fuse-rope',
  gated: 'fuse-gate',
} as const

/**
 * Whether the projection can finish a norm that its input's maker began. Not in f16: what is not divided yet may be
 * larger than its largest.
 */
export function defersNorm(tools: Tools, weight: CudaWeight, rows: number): boolean {
  return tools.activationType !== 'f16' && pathOf(tools, weight, rows) === 'gemv'
}

/** How many sums of squares the projection leaves of each row for the next norm. */
export function partialCount(tools: Tools, weight: CudaWeight, rows: number): number {
  return gemvBlocks(weight, gemvTiling(weight, tools.multiprocessors, rows))
}

/** Numbers of rows, from few to many, that are different kernels: for those who compile before they serve. */
export const LINEAR_ROWS: readonly number[] = [1, 2, 3, 4, 8, 16, 32, 64, 128]
