import { WarplineError } from '../errors.ts'

/** What a caller can tell apart; `other` is all that only a person can. */
export type MpiErrorKind =
  | 'unavailable'
  | 'truncated'
  | 'bad_rank'
  | 'bad_tag'
  | 'lost'
  | 'cancelled'
  | 'closed'
  | 'other'

/** A call of MPI's that failed. */
export class MpiError extends WarplineError {
  override readonly code = 'mpi'

  constructor(
    readonly kind: MpiErrorKind,
    message: string,
    /** MPI's own class of error, where it came from there. */
    readonly mpiClass: number | undefined = undefined,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}
