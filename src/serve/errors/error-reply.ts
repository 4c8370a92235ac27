import { ContextLengthError, EngineError, type EngineErrorCode, OverloadedError } from '../../engine/index.ts'
import { type RefusalCode, RefusedError } from './errors.ts'

/** Status and `type` of each error; the types are llama.cpp's where it has one. */
const ANSWERS: Readonly<Record<EngineErrorCode | RefusalCode, readonly [status: number, type: string]>> = {
  invalid_request: [400, 'invalid_request_error'],
  context_length_exceeded: [400, 'exceed_context_size_error'],
  malformed_request: [400, 'invalid_request_error'],
  invalid_json: [400, 'invalid_request_error'],
  invalid_api_key: [401, 'authentication_error'],
  insufficient_scope: [403, 'permission_error'],
  forbidden_host: [403, 'permission_error'],
  forbidden_origin: [403, 'permission_error'],
  not_found: [404, 'not_found_error'],
  model_not_found: [404, 'not_found_error'],
  method_not_allowed: [405, 'invalid_request_error'],
  headers_timeout: [408, 'timeout_error'],
  body_timeout: [408, 'timeout_error'],
  body_too_large: [413, 'invalid_request_error'],
  unsupported_media_type: [415, 'invalid_request_error'],
  expectation_failed: [417, 'invalid_request_error'],
  too_many_attempts: [429, 'rate_limit_error'],
  headers_too_large: [431, 'invalid_request_error'],
  overloaded: [429, 'rate_limit_error'],
  internal: [500, 'server_error'],
  invalid_target: [500, 'server_error'],
  unsupported: [501, 'not_supported_error'],
  aborted: [503, 'unavailable_error'],
  engine_closed: [503, 'unavailable_error'],
  model_load_failed: [503, 'unavailable_error'],
  loading: [503, 'unavailable_error'],
  unhealthy: [503, 'unavailable_error'],
  shutting_down: [503, 'unavailable_error'],
  deadline_exceeded: [504, 'timeout_error'],
}

/** What these say may name files or other requests: it goes to the log, not to clients. */
const PRIVATE: Readonly<Partial<Record<EngineErrorCode, string>>> = {
  internal: 'internal error',
  invalid_target: 'internal error',
  model_load_failed: 'the model could not be loaded',
}

export interface ErrorBody {
  readonly error: {
    readonly message: string
    readonly type: string
    readonly param: string | null
    readonly code: string
    readonly n_prompt_tokens?: number
    readonly n_ctx?: number
  }
}

export interface ErrorReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: ErrorBody
}

/** How an error is told to a client: OpenAI's shape with llama.cpp's types and extra fields. */
export function errorReply(error: unknown): ErrorReply {
  const known = error instanceof EngineError || error instanceof RefusedError
  const code = known ? error.code : 'internal'
  const hidden = PRIVATE[code as EngineErrorCode]
  const [status, type] = ANSWERS[code]
  const param = known && 'param' in error ? (error.param as string | undefined) : undefined
  return {
    status,
    headers: headersOf(error),
    body: {
      error: {
        message: hidden ?? (error as Error).message,
        type,
        param: param ?? null,
        code,
        ...(error instanceof ContextLengthError && {
          n_prompt_tokens: error.promptTokens,
          n_ctx: error.contextLength,
        }),
      },
    },
  }
}

function headersOf(error: unknown): Readonly<Record<string, string>> {
  if (error instanceof RefusedError) return error.headers
  if (error instanceof OverloadedError && error.retryAfterMs !== undefined)
    return {
      'Retry-After': String(Math.ceil(error.retryAfterMs / 1000)),
      'Retry-After-Ms': String(Math.ceil(error.retryAfterMs)),
    }
  return {}
}
