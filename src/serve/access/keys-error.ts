import { WarplineError } from '../../errors.ts'

/** Keys are written wrongly. What it says never holds any part of what was written. */
export class KeysError extends WarplineError {
  override readonly code = 'invalid_keys'
}
