import { driverVersion } from '../driver/driver.ts'
import type { Functions } from '../driver/signature.ts'
import { CudaError } from '../errors.ts'
import { loadLibrary } from '../libraries/load.ts'
import { CUBLAS_STATUS } from './constants.ts'
import { CUBLASLT_FUNCTIONS } from './functions.ts'

export type CublasLt = Functions<typeof CUBLASLT_FUNCTIONS>

let opened: CublasLt | undefined

/** libcublasLt, one that the driver can run; once a thread. @throws CudaUnavailableError */
export function cublasLt(): CublasLt {
  opened ??= loadLibrary('cublasLt', CUBLASLT_FUNCTIONS, Math.floor(Number(driverVersion()))).functions
  return opened
}

export function checkCublas(code: number, call: string): void {
  if (code !== 0) throw new CudaError(call, CUBLAS_STATUS[code] ?? `cublasStatus_t ${code}`)
}
