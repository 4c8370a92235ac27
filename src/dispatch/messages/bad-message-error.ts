import { WarplineError } from '../../errors.ts'

/** A rank said what no rank of this version says. */
export class BadMessageError extends WarplineError {
  override readonly code = 'bad_message'
}
