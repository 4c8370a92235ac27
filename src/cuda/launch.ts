import type { CudaContext } from './context.ts'
import type { FunctionHandle } from './driver/functions.ts'
import type { LaunchBuffer } from './driver/launch-buffer.ts'

/** Blocks of a grid, or threads of a block: along x, or along x, y and z. */
export type Extent = number | readonly [x: number, y?: number, z?: number]

/** How a kernel is launched. */
export interface LaunchShape {
  /** Blocks. */
  readonly grid: Extent
  /** Threads of a block. */
  readonly block: Extent
  /** Dynamic shared memory of a block; 0 unless told. More than 48 KiB is asked for by itself. */
  readonly sharedBytes?: number
  /**
   * Lets the kernel start while the one before drains (programmatic dependent launch). It must wait
   * (`griddepcontrol.wait`) before it touches what that one writes or reads.
   */
  readonly overlap?: boolean
}

/** A kernel with its shape and arguments, packed once; enqueued as often as wanted. Made by `Kernel.prepare`. */
export class Launch {
  /** @internal */
  constructor(
    readonly context: CudaContext,
    /** The kernel's name. */
    readonly name: string,
    readonly func: FunctionHandle,
    readonly buffer: LaunchBuffer,
  ) {}
}

/** x, y and z. @throws RangeError */
export function extents(kernel: string, what: 'grid' | 'block', extent: Extent): [number, number, number] {
  const [x, y, z] = typeof extent === 'number' ? [extent, 1, 1] : [extent[0], extent[1] ?? 1, extent[2] ?? 1]
  if (isSize(x) && isSize(y) && isSize(z)) return [x, y, z]
  throw new RangeError(`${kernel}: ${what} of ${x} × ${y} × ${z}: whole numbers from 1 are needed`)
}

function isSize(size: number): boolean {
  return Number.isInteger(size) && size >= 1 && size < 2 ** 31
}
