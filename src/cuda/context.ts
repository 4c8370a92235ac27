import type { CudaDevice } from './device.ts'
import { DeviceMemory } from './device-memory.ts'
import { HOST_ALLOC_PORTABLE } from './driver/constants.ts'
import { check, checkRelease, driver } from './driver/driver.ts'
import type { ContextHandle, DeviceHandle } from './driver/functions.ts'
import { OUT, OUT2, outNumber } from './driver/scratch.ts'
import { CudaEvent, type EventOptions } from './event.ts'
import { CudaModule } from './module.ts'
import { PinnedMemory } from './pinned-memory.ts'
import { Stream } from './stream.ts'

/** This thread's context, as far as it was set here. */
let current: ContextHandle | undefined

/**
 * A card's primary context: shared by all that this process does on the card, in any of its threads and libraries.
 * What was made in it is disposed of before it.
 */
export class CudaContext implements Disposable {
  readonly #device: DeviceHandle
  #handle: ContextHandle
  #generation = 0
  #disposed = false

  /** @internal Use `CudaDevice.open`. */
  constructor(
    readonly device: CudaDevice,
    handle: DeviceHandle,
  ) {
    this.#device = handle
    this.#handle = retain(handle)
    this.makeCurrent()
  }

  /** @internal Changes when all that was made in the context is gone. */
  get generation(): number {
    return this.#generation
  }

  /** Makes it this thread's context. All methods do so themselves; foreign libraries may need it. */
  makeCurrent(): void {
    if (this.#disposed) throw new TypeError('the CUDA context is disposed of')
    check(driver().cuCtxSetCurrent(this.#handle), 'cuCtxSetCurrent')
    current = this.#handle
  }

  /** @internal `makeCurrent`, at no cost where it is. */
  use(): void {
    if (current !== this.#handle) this.makeCurrent()
  }

  /** Bytes of the card: free now, and all. */
  memory(): { readonly free: number; readonly total: number } {
    this.use()
    check(driver().cuMemGetInfo_v2(OUT, OUT2), 'cuMemGetInfo_v2')
    return { free: outNumber(0), total: outNumber(1) }
  }

  /** Waits for everything on the card. @throws CudaError for what failed there. */
  synchronize(): void {
    this.use()
    check(driver().cuCtxSynchronize(), 'cuCtxSynchronize')
  }

  /** Memory of the card; what it holds is undefined. @throws CudaError `CUDA_ERROR_OUT_OF_MEMORY`. */
  allocate(bytes: number): DeviceMemory {
    this.use()
    check(driver().cuMemAlloc_v2(OUT, bytes), 'cuMemAlloc_v2')
    return new DeviceMemory(this, outNumber(), bytes)
  }

  /** Memory of the host that the card reads and writes itself. */
  allocatePinned(bytes: number): PinnedMemory {
    this.use()
    check(driver().cuMemHostAlloc(OUT, bytes, HOST_ALLOC_PORTABLE), 'cuMemHostAlloc')
    return new PinnedMemory(this, outNumber(), bytes)
  }

  createStream(): Stream {
    this.use()
    return new Stream(this)
  }

  createEvent(options: EventOptions = {}): CudaEvent {
    this.use()
    return new CudaEvent(this, options)
  }

  /** Loads a cubin, or PTX that ends with a zero byte. */
  load(image: Uint8Array): CudaModule {
    this.use()
    return new CudaModule(this, image)
  }

  /**
   * Destroys all that was made in the context, in all threads, and begins anew. Buffers of pinned memory must not be
   * touched any more. It clears a context that is whole: after a fatal error a real card refuses whatever this process
   * asks of it, and a new process alone helps; the emulated one lets itself be reset.
   *
   * @throws CudaError after a fatal error: the same again
   */
  reset(): void {
    this.#generation++
    const { cuDevicePrimaryCtxReset_v2, cuDevicePrimaryCtxRelease_v2 } = driver()
    check(cuDevicePrimaryCtxReset_v2(this.#device), 'cuDevicePrimaryCtxReset_v2')
    checkRelease(cuDevicePrimaryCtxRelease_v2(this.#device), 'cuDevicePrimaryCtxRelease_v2')
    this.#handle = retain(this.#device)
    this.makeCurrent()
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return
    this.#disposed = true
    this.#generation++
    if (current === this.#handle) current = undefined
    checkRelease(driver().cuDevicePrimaryCtxRelease_v2(this.#device), 'cuDevicePrimaryCtxRelease_v2')
  }
}

function retain(device: DeviceHandle): ContextHandle {
  check(driver().cuDevicePrimaryCtxRetain(OUT, device), 'cuDevicePrimaryCtxRetain')
  return outNumber() as ContextHandle
}
