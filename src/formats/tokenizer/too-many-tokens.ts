import { WarplineError } from '../../errors.ts'

/** A text has more tokens than its caller has a use for. */
export class TooManyTokensError extends WarplineError {
  override readonly code = 'too_many_tokens'
  /** `atLeast`: how many are sure so far. */
  constructor(
    readonly atLeast: number,
    limit: number,
  ) {
    super(`the text has at least ${atLeast} tokens, and no more than ${limit} were asked for`)
  }
}
