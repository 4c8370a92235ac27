import { driverVersion } from '../driver/driver.ts'
import { OUT, OUT2, outInt } from '../driver/scratch.ts'
import type { Functions } from '../driver/signature.ts'
import { CudaError } from '../errors.ts'
import { loadLibrary } from '../libraries/load.ts'
import { NVRTC_FUNCTIONS, NVRTC_RESULTS } from './functions.ts'

/** The compiler. */
export interface Nvrtc {
  readonly functions: Functions<typeof NVRTC_FUNCTIONS>
  /** Where it was found. */
  readonly path: string
  /** e.g. `13.0`. */
  readonly version: string
  /** Architectures it knows, by number, ascending: 75, 80, …, 90, … */
  readonly architectures: readonly number[]
}

let opened: Nvrtc | undefined

/** Opens the compiler, one that the driver understands; once a thread. @throws CudaUnavailableError */
export function nvrtc(): Nvrtc {
  opened ??= open()
  return opened
}

function open(): Nvrtc {
  const { functions, path } = loadLibrary('nvrtc', NVRTC_FUNCTIONS, newestCuda())
  checkNvrtc(functions.nvrtcVersion(OUT, OUT2), 'nvrtcVersion')
  const version = `${outInt(0)}.${outInt(1)}`
  checkNvrtc(functions.nvrtcGetNumSupportedArchs(OUT), 'nvrtcGetNumSupportedArchs')
  const architectures = new Int32Array(outInt())
  const bytes = new Uint8Array(architectures.buffer)
  checkNvrtc(functions.nvrtcGetSupportedArchs(bytes), 'nvrtcGetSupportedArchs')
  return { functions, path, version, architectures: [...architectures].sort((a, b) => a - b) }
}

/** The driver's major version; without a driver, kernels can still be compiled. */
function newestCuda(): number | undefined {
  try {
    return Math.floor(Number(driverVersion()))
  } catch {
    return undefined
  }
}

export function checkNvrtc(code: number, call: string): void {
  if (code !== 0) throw new CudaError(call, NVRTC_RESULTS[code] ?? `nvrtcResult ${code}`)
}
