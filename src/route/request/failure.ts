import { type EngineError, type EngineErrorCode, InternalError } from '../../engine/index.ts'
import { WarplineError } from '../../errors.ts'
import { isFault } from '../breaker.ts'

/**
 * What an engine's error says. `fault`: the engine is ill, and another may be asked. `refusal`: it cannot take this one, and
 * another may. `final`: the request would fail anywhere.
 */
export type FailureKind = 'fault' | 'refusal' | 'final'

const REFUSALS: ReadonlySet<EngineErrorCode> = new Set([
  'overloaded',
  'unsupported',
  // An engine's key, model and shutdown are between it and the router: no client can mend them.
  'model_not_found',
  'unauthorized',
  'model_load_failed',
  'invalid_target',
  'aborted',
])

export function failureKind(error: EngineError): FailureKind {
  if (isFault(error)) return 'fault'
  return REFUSALS.has(error.code) ? 'refusal' : 'final'
}

/** What an iteration threw, as an error of the contract. */
export function engineError(error: unknown): EngineError {
  return error instanceof WarplineError
    ? (error as EngineError)
    : new InternalError('an engine threw what is no error of the contract', { cause: error })
}
