import { WarplineError } from '../errors.ts'

/** A file that is not what it says it is. The message names the file and the cause in one line. */
export class FormatError extends WarplineError {
  override readonly code = 'bad_file'

  constructor(
    readonly path: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`${path}: ${reason}`, options)
  }
}
