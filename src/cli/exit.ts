import { WarplineError } from '../errors.ts'

export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  target: 3,
  listen: 4,
  engine: 5,
  interrupted: 130,
  terminated: 143,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** For `--help` and docs/cli.md. */
export const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'done; for serve: stopped by a signal with every request answered',
  failure: 'failed while running',
  usage: 'wrong command, option, variable or config file',
  target: 'the model or target cannot be opened',
  listen: 'the address cannot be listened on',
  engine: 'the engine was lost, and serve was told to exit then',
  interrupted: 'interrupted (Ctrl-C)',
  terminated: 'terminated (SIGTERM)',
}

/** A command line, variable or config file that says something which Warpline does not understand. */
export class UsageError extends WarplineError {
  override readonly code = 'usage'
}

/** By what the floors below call their errors; they are not imported, so that `--help` loads none of them. */
const BY_CODE: Readonly<Record<string, ExitCode>> = {
  usage: EXIT.usage,
  invalid_request: EXIT.usage,
  unsupported: EXIT.usage,
  invalid_keys: EXIT.usage,
  invalid_option: EXIT.usage,
  bad_work_file: EXIT.usage,
  bad_report: EXIT.usage,
  not_comparable: EXIT.usage,
  output_exists: EXIT.usage,
  not_resumable: EXIT.usage,
  invalid_target: EXIT.target,
  no_target: EXIT.target,
  unauthorized: EXIT.target,
  unreachable: EXIT.target,
  model_load_failed: EXIT.target,
  bad_file: EXIT.target,
  listen_failed: EXIT.listen,
  insecure_bind: EXIT.listen,
  aborted: EXIT.interrupted,
}

export function exitCodeOf(error: unknown): ExitCode {
  return (error instanceof WarplineError ? BY_CODE[error.code] : undefined) ?? EXIT.failure
}
