import { WarplineError } from '../errors.ts'

/** No rank could open its target: nothing was asked. */
export class NoTargetError extends WarplineError {
  override readonly code = 'no_target'
}
