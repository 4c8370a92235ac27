import { WarplineError } from '../../errors.ts'

/** Reports have nothing in common that could be compared. */
export class NotComparableError extends WarplineError {
  override readonly code = 'not_comparable'
}
