import { WarplineError } from '../errors.ts'

/** Every way in which an {@link Engine} can fail a request or itself. */
export const ENGINE_ERROR_CODES = [
  'invalid_request',
  'context_length_exceeded',
  'unsupported',
  'overloaded',
  'model_not_found',
  'unauthorized',
  'unreachable',
  'deadline_exceeded',
  'aborted',
  'engine_closed',
  'model_load_failed',
  'invalid_target',
  'internal',
] as const

export type EngineErrorCode = (typeof ENGINE_ERROR_CODES)[number]

export abstract class EngineError extends WarplineError {
  abstract override readonly code: EngineErrorCode
}

/** A field of the request is missing, of the wrong type or out of range. `param` names it. */
export class InvalidRequestError extends EngineError {
  override readonly code = 'invalid_request'
  constructor(
    message: string,
    readonly param: string | undefined = undefined,
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/**
 * The prompt fills the model's context: not one token could follow. (A `maxTokens` beyond the context is cut instead.)
 * Of a prompt that is much too long `promptTokens` is only what is sure: it is then not `exact`.
 */
export class ContextLengthError extends EngineError {
  override readonly code = 'context_length_exceeded'
  constructor(
    readonly promptTokens: number,
    readonly contextLength: number,
    readonly exact = true,
  ) {
    super(
      `the prompt has ${exact ? '' : 'at least '}${promptTokens} tokens and the model's context holds ${contextLength}: shorten the prompt so that at least one token can follow`,
    )
  }
}

/** The engine knows what is asked for and cannot do it. */
export class UnsupportedError extends EngineError {
  override readonly code = 'unsupported'
  constructor(
    message: string,
    readonly param: string | undefined = undefined,
  ) {
    super(message)
  }
}

/** The engine's queue is full. `retryAfterMs` is its own estimate of when to come back. */
export class OverloadedError extends EngineError {
  override readonly code = 'overloaded'
  constructor(
    message: string,
    readonly retryAfterMs: number | undefined = undefined,
  ) {
    super(message)
  }
}

/** The request could not be, or was not, answered by its deadline. */
export class DeadlineExceededError extends EngineError {
  override readonly code = 'deadline_exceeded'
}

/** The request's `signal` was aborted. */
export class AbortedError extends EngineError {
  override readonly code = 'aborted'
  constructor(message = 'the request was aborted', options?: ErrorOptions) {
    super(message, options)
  }
}

/** The engine was closed before or while it served the request. */
export class EngineClosedError extends EngineError {
  override readonly code = 'engine_closed'
  constructor(message = 'the engine is closed') {
    super(message)
  }
}

/** A model's files are missing, damaged, or of a kind that this build does not serve. */
export class ModelLoadError extends EngineError {
  override readonly code = 'model_load_failed'
}

/** A target string that names no engine. */
export class InvalidTargetError extends EngineError {
  override readonly code = 'invalid_target'
}

/** Of several models none bears this name. */
export class ModelNotFoundError extends EngineError {
  override readonly code = 'model_not_found'
}

/** The engine is elsewhere and does not know this key, or wants one. */
export class UnauthorizedError extends EngineError {
  override readonly code = 'unauthorized'
}

/** The engine is elsewhere, and no connection was made, or it broke or fell silent before the answer's end. */
export class UnreachableError extends EngineError {
  override readonly code = 'unreachable'
}

/** A fault of ours. The engine stays up where it can. */
export class InternalError extends EngineError {
  override readonly code = 'internal'
}
