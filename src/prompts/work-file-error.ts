import { WarplineError } from '../errors.ts'

/** A file of prompts, or a trace, that cannot be read or says something else than it should. */
export class WorkFileError extends WarplineError {
  override readonly code = 'bad_work_file'

  /** @param line From 1; undefined of what concerns the whole file. */
  constructor(path: string, line: number | undefined, what: string, options?: ErrorOptions) {
    super(`${path}${line === undefined ? '' : `:${line}`}: ${what}`, options)
  }
}
