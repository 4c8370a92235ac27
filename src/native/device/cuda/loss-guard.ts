import { CudaError } from '../../../cuda/index.ts'
import { DeviceLostError } from '../device-lost.ts'

/** After a kernel has faulted its context computes nothing more: whoever comes later is told so, and what it was. */
export class LossGuard {
  #lost: DeviceLostError | undefined
  #disposed = false

  get disposed(): boolean {
    return this.#disposed
  }

  /** @throws DeviceLostError in place of a CUDA error that the context does not survive */
  run<T>(action: () => T): T {
    if (this.#lost !== undefined) throw this.#lost
    try {
      return action()
    } catch (error) {
      if (!(error instanceof CudaError && error.fatal)) throw error
      this.#lost = new DeviceLostError(`the GPU failed in ${error.call}: ${error.errorName}`, { cause: error })
      throw this.#lost
    }
  }

  /** Of a lost context nothing can be given back one by one: `abandon` gives back all at once. */
  dispose(action: () => void, abandon: () => void): void {
    this.#disposed = true
    if (this.#lost === undefined) action()
    else abandon()
  }
}
