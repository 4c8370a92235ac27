import type {
  CudaDevice,
  DevicePointer,
  Kernel,
  KernelDeclaration,
  MatmulLibrary,
  Parameters,
  Stream,
} from '../cuda/index.ts'
import type { NumberType } from './numbers.ts'

/** Lengths and counts by name, e.g. `{ m: 512, n: 512, k: 512 }`. */
export type Size = Readonly<Record<string, number>>

export interface KitBuffer {
  readonly type: NumberType
  readonly length: number
  /** Outputs are poisoned before a check; what is both is filled, and checked. */
  readonly role: 'in' | 'out' | 'both'
  /** Random values lie in it; default −1 … 1, integers 0 … 255. */
  readonly range?: readonly [low: number, high: number]
}

/** What an entry makes its launches with. */
export interface KitTools {
  readonly device: CudaDevice
  /** A kernel of the entry's own file. */
  kernel<P extends Parameters>(declaration: KernelDeclaration<P>): Kernel<P>
  /** cuBLASLt. */
  readonly matmul: MatmulLibrary
}

/** What it is held against: what bounds it when all is well, and of a product the fastest that there is. */
export type Limit = 'memory' | 'tensor cores' | 'arithmetic' | 'latency'

/** One kernel of the kit, or several launches that belong together, with all that is to be known of it. */
export interface KitEntry {
  readonly name: string
  readonly what: string
  /** Under kernels/kit/; undefined for a library's own. */
  readonly file: string | undefined
  readonly defines?: Readonly<Record<string, string | number>>
  readonly limit: Limit
  /** Sizes to check: round ones, odd ones, one. */
  readonly checks: readonly Size[]
  /** Large enough to be measured. */
  readonly bench: Size
  buffers(size: Size): Readonly<Record<string, KitBuffer>>
  /** Packs the launches once; the result enqueues them, in order. `at` holds the buffers' addresses. */
  prepare(size: Size, at: Readonly<Record<string, DevicePointer>>, tools: KitTools): (stream: Stream) => void
  /** What the outputs must be, from the values of the inputs; in plain TypeScript. */
  twin(size: Size, inputs: Readonly<Record<string, Float64Array>>): Readonly<Record<string, ArrayLike<number>>>
  /** Largest error of a value, relative to its magnitude, the output's root mean square or `scale`, whichever is most; 0: equal. */
  readonly tolerance: number
  /** What the arithmetic's intermediate values are as large as, where they cancel. Default 0. */
  readonly scale?: number
  /** Least bytes that pass through memory. */
  bytes(size: Size): number
  /** Arithmetic operations, a multiply-add counting as two. */
  flops(size: Size): number
}

/** A length of the size. @throws RangeError for one that is not there. */
export function extent(size: Size, name: string): number {
  const value = size[name]
  if (value === undefined) throw new RangeError(`the size lacks ${name}`)
  return value
}

export function blocksOf(n: number, perBlock: number): number {
  return Math.ceil(n / perBlock)
}
