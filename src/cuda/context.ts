import type { CudaDevice } from './device.ts'
import type { DeviceMemory } from './device-memory.ts'
import type { CudaEvent } from './event.ts'
import type { CudaModule } from './module.ts'
import type { PinnedMemory } from './pinned-memory.ts'
import type { Stream } from './stream.ts'

/** A card's primary context: shared by all that this process does on the card. */
export class CudaContext implements Disposable {
  constructor(readonly device: CudaDevice) {}

  /** Makes it this thread's context. All of its own methods do so themselves; foreign libraries may need it. */
  makeCurrent(): void {}

  /** Bytes of the card: free now, and all. */
  memory(): { readonly free: number; readonly total: number } {
    throw new Error('not built yet')
  }

  /** Waits for everything on the card. */
  synchronize(): void {}

  allocate(_bytes: number): DeviceMemory {
    throw new Error('not built yet')
  }

  allocatePinned(_bytes: number): PinnedMemory {
    throw new Error('not built yet')
  }

  createStream(): Stream {
    throw new Error('not built yet')
  }

  createEvent(): CudaEvent {
    throw new Error('not built yet')
  }

  /** Loads a cubin, or PTX that ends with a zero byte. */
  load(_image: Uint8Array): CudaModule {
    throw new Error('not built yet')
  }

  /** Destroys all that was made in the context, in all threads, and begins anew: the way out of a fatal error. */
  reset(): void {}

  [Symbol.dispose](): void {}
}
