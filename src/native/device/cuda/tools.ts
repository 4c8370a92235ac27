import type { MatmulLibrary } from '../../../cuda/index.ts'
import type { ActivationType } from '../device.ts'
import type { KernelLibrary } from './kernels/kernel-library.ts'
import type { StepMemory } from './step/step-memory.ts'
import type { Techniques } from './techniques.ts'

/** What operations are made with. */
export interface Tools {
  readonly library: KernelLibrary
  readonly matmul: MatmulLibrary
  readonly activationType: ActivationType
  /** A row's sums have one order, whatever else is in the step. */
  readonly batchInvariant: boolean
  readonly step: StepMemory
  readonly techniques: Techniques
  readonly multiprocessors: number
  /** Shared memory that a block may take. Default 227 KiB, as on Hopper. */
  readonly sharedBytes?: number
  /** Of a quantised weight that a library wants restored, at a time. Default 256 MiB. */
  readonly restoredBytes?: number
  /** What slices of a product may leave to be added up. Default: as much as they like. */
  readonly partsBytes?: number
  /** Address of `bytes` bytes, zeroed once, that live as long as the device: the same for the same `name`, grown at load only. */
  workspace(name: string, bytes: number): number
}
