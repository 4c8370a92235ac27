import { WarplineError } from '../errors.ts'

/** The tenant has used up its tokens of this minute. */
export class RateLimitedError extends WarplineError {
  override readonly code = 'rate_limited'
  constructor(
    message: string,
    /** Until its bucket holds enough for this request. */
    readonly retryAfterMs: number,
  ) {
    super(message)
  }
}
