import { CudaDevice } from './device.ts'
import { check, driver, driverVersion } from './driver/driver.ts'
import { OUT, outInt } from './driver/scratch.ts'
import { CudaUnavailableError } from './errors.ts'

/** The CUDA driver. */
export interface Cuda {
  /** The newest CUDA that it knows, e.g. `13.0`. */
  readonly driverVersion: string
  /** At least one. */
  readonly devices: readonly CudaDevice[]
}

let opened: Cuda | undefined

/** Opens the driver; once a thread. @throws CudaUnavailableError where there is none, or no card. */
export function openCuda(): Cuda {
  opened ??= open()
  return opened
}

function open(): Cuda {
  check(driver().cuDeviceGetCount(OUT), 'cuDeviceGetCount')
  const count = outInt()
  if (count === 0)
    throw new CudaUnavailableError('the CUDA driver shows no GPU: see nvidia-smi and CUDA_VISIBLE_DEVICES')
  return {
    driverVersion: driverVersion(),
    devices: Array.from({ length: count }, (_, index) => new CudaDevice(index)),
  }
}
