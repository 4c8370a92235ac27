import type { FunctionHandle, StreamHandle } from './driver/functions.ts'

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
    readonly kernel: string,
    readonly func: FunctionHandle,
    readonly config: { address: number; setStream(stream: StreamHandle): void },
    readonly parameters: number,
  ) {}
}
