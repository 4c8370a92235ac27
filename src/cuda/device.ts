import type { CudaContext } from './context.ts'

/** A card. */
export interface CudaDevice {
  readonly index: number
  readonly name: string
  /** `GPU-xxxxxxxx-xxxx-…` as nvidia-smi prints it. */
  readonly uuid: string
  /** What kernels are compiled for: `sm_90a`, `sm_80`, … */
  readonly architecture: string
  readonly capability: { readonly major: number; readonly minor: number }
  readonly multiprocessors: number
  readonly memoryBytes: number
  readonly l2Bytes: number
  /** Most shared memory that one block can ask for. */
  readonly sharedBytesPerBlock: number
  open(): CudaContext
}
