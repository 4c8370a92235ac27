import { EngineError, type EngineErrorCode } from '../../engine/index.ts'

/** The target itself is not there, or lets nobody in: the run would fail as well. */
const FATAL: readonly EngineErrorCode[] = [
  'unreachable',
  'unauthorized',
  'engine_closed',
  'deadline_exceeded',
  'aborted',
]

/** Whether an error of `tokenize` says no more than that this engine does not count tokens for others. */
export function cannotCount(error: unknown): boolean {
  return error instanceof EngineError && !FATAL.includes(error.code)
}
