import type { EngineErrorCode } from '../engine/index.ts'
import { WarplineError } from '../errors.ts'

export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  target: 3,
  listen: 4,
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
  interrupted: 'interrupted (Ctrl-C)',
  terminated: 'terminated (SIGTERM)',
}

/** A command line, variable or config file that says something which Warpline does not understand. */
export class UsageError extends WarplineError {
  override readonly code = 'usage'
}

const BY_CODE: Readonly<Partial<Record<EngineErrorCode | 'usage' | 'bad_file', ExitCode>>> = {
  usage: EXIT.usage,
  invalid_request: EXIT.usage,
  unsupported: EXIT.usage,
  invalid_target: EXIT.target,
  model_load_failed: EXIT.target,
  bad_file: EXIT.target,
  aborted: EXIT.interrupted,
}

/** What `listen` fails with. */
const LISTEN_ERRORS = ['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN']

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof WarplineError) return BY_CODE[error.code as keyof typeof BY_CODE] ?? EXIT.failure
  return isListenError(error) ? EXIT.listen : EXIT.failure
}

export function isListenError(error: unknown): error is NodeJS.ErrnoException {
  const { code = '', syscall = '' } = (error ?? {}) as NodeJS.ErrnoException
  return LISTEN_ERRORS.includes(code) && ['listen', 'bind', 'getaddrinfo'].includes(syscall)
}
