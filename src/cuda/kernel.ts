import type { CudaContext } from './context.ts'
import { DEFAULT_SHARED_BYTES, FUNCTION_ATTRIBUTE } from './driver/constants.ts'
import { check, driver } from './driver/driver.ts'
import type { FunctionHandle } from './driver/functions.ts'
import { LaunchBuffer } from './driver/launch-buffer.ts'
import { OUT, outInt } from './driver/scratch.ts'
import { extents, Launch, type LaunchShape } from './launch.ts'
import { packArguments } from './pack-arguments.ts'
import type { KernelArguments, KernelDeclaration, Parameters } from './parameters.ts'

export interface KernelAttributes {
  /** Registers of a thread. */
  readonly registers: number
  /** Local memory of a thread: arrays that are no registers, and what was spilled. */
  readonly localBytes: number
  /** Static shared memory of a block. */
  readonly sharedBytes: number
  /** Most threads that a block may have. */
  readonly maxThreads: number
}

/** A kernel on a card. */
export class Kernel<P extends Parameters> {
  readonly #handle: FunctionHandle
  #attributes: KernelAttributes | undefined
  /** Dynamic shared memory that launches may ask for. */
  #sharedBytes: number | undefined

  /** @internal Use `CudaModule.kernel`. */
  constructor(
    readonly context: CudaContext,
    readonly declaration: KernelDeclaration<P>,
    handle: FunctionHandle,
  ) {
    this.#handle = handle
  }

  get name(): string {
    return this.declaration.name
  }

  get attributes(): KernelAttributes {
    this.#attributes ??= {
      registers: this.#attribute(FUNCTION_ATTRIBUTE.registers),
      localBytes: this.#attribute(FUNCTION_ATTRIBUTE.localBytes),
      sharedBytes: this.#attribute(FUNCTION_ATTRIBUTE.sharedBytes),
      maxThreads: this.#attribute(FUNCTION_ATTRIBUTE.maxThreads),
    }
    return this.#attributes
  }

  /**
   * Packs a launch, to be enqueued as often as wanted.
   *
   * @throws RangeError for a number that its parameter cannot hold; CudaError for more shared memory than there is.
   */
  prepare(shape: LaunchShape, args: KernelArguments<P>): Launch {
    const { grid, block, sharedBytes = 0, overlap = false } = shape
    this.#allowShared(sharedBytes)
    const buffer = new LaunchBuffer(this.declaration.entries.length)
    buffer.setShape(extents(this.name, 'grid', grid), extents(this.name, 'block', block), sharedBytes, overlap)
    packArguments(buffer, this.declaration, args)
    return new Launch(this.context, this.name, this.#handle, buffer)
  }

  /** How many blocks of so many threads one multiprocessor holds at once. */
  blocksPerMultiprocessor(threads: number, sharedBytes = 0): number {
    this.#allowShared(sharedBytes)
    this.context.use()
    const code = driver().cuOccupancyMaxActiveBlocksPerMultiprocessor(OUT, this.#handle, threads, sharedBytes)
    check(code, `cuOccupancyMaxActiveBlocksPerMultiprocessor(${this.name})`)
    return outInt()
  }

  #attribute(id: number): number {
    this.context.use()
    check(driver().cuFuncGetAttribute(OUT, id, this.#handle), `cuFuncGetAttribute(${this.name})`)
    return outInt()
  }

  #allowShared(bytes: number): void {
    if (bytes === 0) return
    this.#sharedBytes ??= DEFAULT_SHARED_BYTES - this.attributes.sharedBytes
    if (bytes <= this.#sharedBytes) return
    this.context.use()
    const code = driver().cuFuncSetAttribute(this.#handle, FUNCTION_ATTRIBUTE.maxDynamicSharedBytes, bytes)
    check(code, `cuFuncSetAttribute(${this.name}, ${bytes} bytes of shared memory)`)
    this.#sharedBytes = bytes
  }
}
