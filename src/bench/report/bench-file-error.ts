import { WarplineError } from '../../errors.ts'

/** A file that should be a benchmark's report is not. */
export class BenchFileError extends WarplineError {
  override readonly code = 'bad_report'
}
