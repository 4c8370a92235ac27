import koffi from 'koffi'
import type { CudaContext } from './context.ts'
import { checkRelease, driver } from './driver/driver.ts'
import { Resource } from './resource.ts'

/** Memory of the host that cards read and write themselves, while the processor does something else. */
export class PinnedMemory extends Resource {
  /** The memory. Not to be touched after disposal, which nothing checks. */
  readonly buffer: ArrayBuffer

  /** @internal Use `CudaContext.allocatePinned`. */
  constructor(
    context: CudaContext,
    /** Address in this process, and on the card. */
    readonly pointer: number,
    readonly bytes: number,
  ) {
    super(context)
    this.buffer = koffi.view(BigInt(pointer), bytes)
  }

  protected override release(): void {
    checkRelease(driver().cuMemFreeHost(this.pointer), 'cuMemFreeHost')
  }
}
