import type { DeferredNorm, LinearOutput } from '../program/nodes.ts'
import { type CudaTensor, type CudaWeight, ELEMENT_BYTES } from '../tensor.ts'

/** A projection of the first `rows` rows of `x`, and what is done with it. */
export interface LinearRequest {
  /** `[rows, out]`; with an output, what that says. */
  readonly out: CudaTensor
  /** `[rows, inner]` */
  readonly x: CudaTensor
  readonly weight: CudaWeight
  readonly rows: number
  /** f32 `[out]`, added to the product before anything else is done. */
  readonly bias?: CudaTensor | undefined
  /** `x` is not divided by its root mean square yet; of few rows only. */
  readonly input?: DeferredNorm | undefined
  readonly output?: LinearOutput | undefined
  /** `out` may be overwritten behind `rows`, up to a multiple of 64, so that few sizes of products serve all. */
  readonly spare?: boolean | undefined
}

/** What a request comes to, for tables. */
export function detailOf({ weight, rows, output }: LinearRequest): string {
  const [width, inner] = weight.shape
  return `${weight.storage} [${rows}, ${inner}] · [${width}, ${inner}]ᵀ${output === undefined ? '' : `, ${output.kind}`}`
}

/** The least that moves: the weight, x and what is written. */
export function bytesOf({ weight, rows, x, out, output }: LinearRequest): number {
  const [width, inner] = weight.shape
  const written = output?.kind === 'residual' ? 8 * width : width * ELEMENT_BYTES[out.type]
  return weight.bytes + rows * (inner * ELEMENT_BYTES[x.type] + (output?.kind === 'gated' ? written / 2 : written))
}

export function flopsOf({ weight, rows }: LinearRequest): number {
  return 2 * rows * weight.shape[0] * weight.shape[1]
}

/** Shared memory that a block may take where nobody says how much. */
export const HOPPER_SHARED = 227 * 1024

/** What a gate goes through, as lib/linear-numbers.cuh names it. */
export const GATES = { silu: 'silu', 'gelu-tanh': 'geluTanh' } as const
