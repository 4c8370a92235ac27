import type { Extent, KernelArguments, KernelDeclaration, Parameters } from '../../../../cuda/index.ts'
import type { Defines } from '../kernels/kernel-library.ts'
import type { Tools } from '../tools.ts'
import type { DeviceOperation } from './operation.ts'

/** An operation that is one launch of one kernel. */
export interface LaunchPlan<P extends Parameters> {
  /** A file of kernels/. */
  readonly file: string
  readonly kernel: KernelDeclaration<P>
  readonly defines: Defines
  readonly detail: string
  readonly blocks: Extent
  readonly threads: number
  /** Dynamic shared memory of a block, in bytes; default none. */
  readonly sharedBytes?: number
  readonly args: KernelArguments<P>
  readonly bytes: number
  readonly flops: number
}

export function launched<P extends Parameters>(tools: Tools, plan: LaunchPlan<P>): DeviceOperation {
  const { file, kernel, defines, detail, blocks, threads, sharedBytes = 0, args, bytes, flops } = plan
  const shape = { grid: blocks, block: threads, sharedBytes, overlap: tools.techniques.has('overlap') }
  const launch = tools.library.get(file, kernel, defines).prepare(shape, args)
  return { name: kernel.name, detail, bytes, flops, enqueue: stream => stream.enqueue(launch) }
}

/** The most neighbours, up to `most` (a power of two), that a row of `width` values falls into; as in lib/vector.cuh. */
export function vectorOf(width: number, most: number): number {
  let size = most
  while (width % size !== 0) size /= 2
  return size
}

/** Threads for so many pieces of work: whole warps, no more than `most`. */
export function threadsFor(pieces: number, most: number): number {
  return Math.min(most, Math.ceil(pieces / 32) * 32)
}
