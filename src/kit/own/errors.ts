import { WarplineError } from '../../errors.ts'

/** A kernel file, or what it is to be launched with, cannot be made sense of. */
export class KernelFileError extends WarplineError {
  override readonly code = 'invalid_option'
}
