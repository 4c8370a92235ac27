import { WarplineError } from '../errors.ts'
import { FATAL_ERRORS } from './driver/constants.ts'

/** A call of the CUDA driver, or of a library beside it, failed. */
export class CudaError extends WarplineError {
  readonly code = 'cuda_error'
  /** Whether the context is lost: nothing but a new process helps. */
  readonly fatal: boolean

  constructor(
    /** The function that failed, e.g. `cuMemAlloc_v2`. */
    readonly call: string,
    /** The error's name, e.g. `CUDA_ERROR_OUT_OF_MEMORY`. */
    readonly errorName: string,
    explanation?: string,
  ) {
    super(`${call} failed: ${errorName}${explanation ? ` (${explanation})` : ''}`)
    this.fatal = FATAL_ERRORS.has(errorName)
  }
}

/** There is no CUDA here, or a part of it is missing: one line that says which and what to install. */
export class CudaUnavailableError extends WarplineError {
  readonly code = 'cuda_unavailable'
}

/** A kernel does not compile. */
export class CompileError extends WarplineError {
  readonly code = 'cuda_compile'

  constructor(
    name: string,
    /** What the compiler says. */
    readonly log: string,
  ) {
    super(`${name} does not compile: ${firstError(log)}`)
  }
}

/** The first line that names an error, for a message of one line. */
function firstError(log: string): string {
  const lines = log.split('\n').filter(line => line.trim() !== '')
  return lines.find(line => /error/i.test(line))?.trim() ?? lines[0]?.trim() ?? 'the compiler gives no reason'
}
