import { WarplineError } from '../../errors.ts'

/** There are results where new ones were to go, and nobody said that they may be lost. */
export class OutputExistsError extends WarplineError {
  override readonly code = 'output_exists'

  constructor(path: string, options?: ErrorOptions) {
    super(`${path} exists already: go on with it by --resume, or have it replaced by --force`, options)
  }
}

/** What is there is not the beginning of this run. */
export class NotResumableError extends WarplineError {
  override readonly code = 'not_resumable'

  constructor(path: string, what: string, options?: ErrorOptions) {
    super(`${path} cannot be resumed: ${what}`, options)
  }
}

/** Results can no longer be written down, as the disk is full, say. What was written is whole, and can be resumed. */
export class OutputFailedError extends WarplineError {
  override readonly code = 'output_failed'

  constructor(path: string, cause: Error) {
    super(`${path} cannot be written: ${cause.message}`, { cause })
  }
}
