import {
  AbortedError,
  DeadlineExceededError,
  EngineClosedError,
  InternalError,
  InvalidRequestError,
  InvalidTargetError,
  ModelLoadError,
  ModelNotFoundError,
  OverloadedError,
  UnauthorizedError,
  UnreachableError,
  UnsupportedError,
} from '../../engine/index.ts'
import { WarplineError } from '../../errors.ts'

/** An error on its way to another process. */
export interface CarriedError {
  readonly message: string
  readonly name: string
  /** Undefined of what was not thrown on purpose. */
  readonly code: string | undefined
  readonly stack: string | undefined
}

export function carried(error: unknown): CarriedError {
  const { message, name, stack } = error instanceof Error ? error : new Error(String(error))
  return { message, name, stack, code: error instanceof WarplineError ? error.code : undefined }
}

/** Those that are made of their message alone. */
const CLASSES = [
  AbortedError,
  DeadlineExceededError,
  EngineClosedError,
  InternalError,
  InvalidRequestError,
  InvalidTargetError,
  ModelLoadError,
  ModelNotFoundError,
  OverloadedError,
  UnauthorizedError,
  UnreachableError,
  UnsupportedError,
]

/** The error as its catcher would have seen it where it was thrown; of classes that need more than a message, its code and name. */
export function arrived({ message, name, code, stack }: CarriedError): Error {
  if (code === undefined) return Object.assign(new Error(message), { stack, name })
  const Class = CLASSES.find(Class => Class.name === name)
  return Class ? new Class(message) : new OtherError(message, name, code)
}

class OtherError extends WarplineError {
  constructor(
    message: string,
    name: string,
    override readonly code: string,
  ) {
    super(message)
    this.name = name
  }
}
