import { WarplineError } from '../../errors.ts'

/** Text that is no exposition; the message names the line and the cause. */
export class ExpositionError extends WarplineError {
  override readonly code = 'bad_exposition'

  constructor(
    /** From 1. */
    readonly line: number,
    readonly reason: string,
  ) {
    super(`line ${line}: ${reason}`)
  }
}
