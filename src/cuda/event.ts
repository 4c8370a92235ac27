import type { CudaContext } from './context.ts'
import { CUDA_ERROR_NOT_READY, EVENT_BLOCKING_SYNC, EVENT_DEFAULT, EVENT_DISABLE_TIMING } from './driver/constants.ts'
import { check, checkRelease, driver } from './driver/driver.ts'
import type { EventHandle } from './driver/functions.ts'
import { OUT, outFloat, outNumber } from './driver/scratch.ts'
import { Resource } from './resource.ts'

export interface EventOptions {
  /** Whether times are kept for `elapsedMs`; without, marks cost less. `true` unless told. */
  readonly timing?: boolean
  /** Whether a waiting thread sleeps, some 20 µs longer, instead of spinning. `false` unless told. */
  readonly sleep?: boolean
}

/** A mark in a stream. */
export class CudaEvent extends Resource {
  /** @internal */
  readonly handle: EventHandle
  readonly #driver = driver()
  readonly #timing: boolean

  /** @internal Use `CudaContext.createEvent`. */
  constructor(context: CudaContext, { timing = true, sleep = false }: EventOptions) {
    super(context)
    this.#timing = timing
    const flags = (timing ? EVENT_DEFAULT : EVENT_DISABLE_TIMING) | (sleep ? EVENT_BLOCKING_SYNC : EVENT_DEFAULT)
    check(this.#driver.cuEventCreate(OUT, flags), 'cuEventCreate')
    this.handle = outNumber() as EventHandle
  }

  /** Whether all before the mark is done. An event that was never recorded is done. */
  get done(): boolean {
    this.context.use()
    const code = this.#driver.cuEventQuery(this.handle)
    if (code === CUDA_ERROR_NOT_READY) return false
    check(code, 'cuEventQuery')
    return true
  }

  /** Waits until all before the mark is done. */
  synchronize(): void {
    this.context.use()
    check(this.#driver.cuEventSynchronize(this.handle), 'cuEventSynchronize')
  }

  /** Milliseconds between two marks that are both done, to about half a microsecond. */
  elapsedMs(since: CudaEvent): number {
    if (!this.#timing || !since.#timing) throw new TypeError('an event made without timing has no time')
    this.context.use()
    check(this.#driver.cuEventElapsedTime(OUT, since.handle, this.handle), 'cuEventElapsedTime')
    return outFloat()
  }

  protected override release(): void {
    checkRelease(this.#driver.cuEventDestroy_v2(this.handle), 'cuEventDestroy_v2')
  }
}
