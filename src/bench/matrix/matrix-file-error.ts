import { WarplineError } from '../../errors.ts'

/** A matrix's file cannot be read, or says something that is not understood: one line that names the place. */
export class MatrixFileError extends WarplineError {
  override readonly code = 'invalid_option'
}
