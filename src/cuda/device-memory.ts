import type { CudaContext } from './context.ts'
import { checkRelease, driver } from './driver/driver.ts'
import type { DevicePointer } from './parameters.ts'
import { Resource } from './resource.ts'

/** Memory of a card. Its disposal waits for what the card is doing. */
export class DeviceMemory extends Resource {
  /** @internal Use `CudaContext.allocate`. */
  constructor(
    context: CudaContext,
    /** 256 divides it. */
    readonly pointer: DevicePointer,
    readonly bytes: number,
  ) {
    super(context)
  }

  protected override release(): void {
    checkRelease(driver().cuMemFree_v2(this.pointer), 'cuMemFree_v2')
  }
}
