import type { CudaDevice } from './device.ts'

/** The CUDA driver. */
export interface Cuda {
  /** The newest CUDA that it knows, e.g. `13.0`. */
  readonly driverVersion: string
  readonly devices: readonly CudaDevice[]
}

/** Opens the driver; once a thread. @throws CudaUnavailableError where there is none, or no card. */
export function openCuda(): Cuda {
  throw new Error('not built yet')
}
