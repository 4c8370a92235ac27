import { WarplineError } from '../../errors.ts'

/** A server that was to be started for a measurement does not come up, or went away. */
export class ServerError extends WarplineError {
  override readonly code = 'unreachable'
}
