import koffi from 'koffi'
import { CudaError, CudaUnavailableError } from '../errors.ts'
import { loadLibrary } from '../libraries/load.ts'
import { CUDA_ERROR_DEINITIALIZED, CUDA_SUCCESS } from './constants.ts'
import { DRIVER_FUNCTIONS } from './functions.ts'
import { OUT, outInt, outNumber } from './scratch.ts'
import type { Functions } from './signature.ts'

export type Driver = Functions<typeof DRIVER_FUNCTIONS>

let opened: Driver | undefined

/** libcuda, initialised; once a thread. @throws CudaUnavailableError */
export function driver(): Driver {
  if (opened !== undefined) return opened
  const { functions, path } = loadLibrary('driver', DRIVER_FUNCTIONS)
  const code = functions.cuInit(0)
  if (code !== CUDA_SUCCESS) throw new CudaUnavailableError(cannotStart(path, errorName(functions, code)))
  opened = functions
  return opened
}

function cannotStart(path: string, name: string): string {
  const advice =
    name === 'CUDA_ERROR_NO_DEVICE'
      ? 'no GPU is visible: see nvidia-smi and CUDA_VISIBLE_DEVICES; in a container, pass the GPUs in (--gpus all)'
      : 'see what nvidia-smi and dmesg say'
  return `the CUDA driver (${path}) does not start: ${name}: ${advice}`
}

/** The newest CUDA that the driver knows, e.g. `13.0`. */
export function driverVersion(): string {
  check(driver().cuDriverGetVersion(OUT), 'cuDriverGetVersion')
  const version = outInt()
  return `${Math.floor(version / 1000)}.${Math.floor((version % 1000) / 10)}`
}

/** @throws CudaError unless the call was a success. */
export function check(code: number, call: string): void {
  if (code !== CUDA_SUCCESS) throw failure(code, call)
}

/** For what gives things back: in a context that is lost, or a process that ends, they are gone already. */
export function checkRelease(code: number, call: string): void {
  if (code === CUDA_SUCCESS || code === CUDA_ERROR_DEINITIALIZED) return
  const error = failure(code, call)
  if (!error.fatal) throw error
}

function failure(code: number, call: string): CudaError {
  const functions = driver()
  const explanation = functions.cuGetErrorString(code, OUT) === CUDA_SUCCESS ? textAt(outNumber()) : undefined
  return new CudaError(call, errorName(functions, code), explanation)
}

function errorName(functions: Driver, code: number): string {
  return functions.cuGetErrorName(code, OUT) === CUDA_SUCCESS ? textAt(outNumber()) : `CUresult ${code}`
}

function textAt(address: number): string {
  return koffi.decode.string(BigInt(address))
}
