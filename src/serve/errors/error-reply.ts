import { RateLimitedError } from '../../admission/index.ts'
import { ContextLengthError, EngineError, type EngineErrorCode, OverloadedError } from '../../engine/index.ts'
import { type RefusalCode, RefusedError } from './errors.ts'

/** Status and `type` of each error, and when it comes; the types are llama.cpp's where it has one. */
export const ANSWERS: Readonly<
  Record<
    EngineErrorCode | RefusalCode | RateLimitedError['code'],
    readonly [status: number, type: string, when: string]
  >
> = {
  invalid_request: [400, 'invalid_request_error', 'a field is missing, of the wrong type or out of range'],
  context_length_exceeded: [
    400,
    'exceed_context_size_error',
    'the prompt fills the context; with `n_prompt_tokens` (of one more than twice too long: at least so many) and `n_ctx`',
  ],
  malformed_request: [400, 'invalid_request_error', 'an odd request line, path or Host header'],
  invalid_json: [400, 'invalid_request_error', 'the body is no JSON, no UTF-8, empty, or nests too deep'],
  invalid_api_key: [401, 'authentication_error', 'the key is missing or not one of the server’s'],
  insufficient_scope: [403, 'permission_error', 'the route needs an admin key'],
  forbidden_host: [403, 'permission_error', 'a Host that this server does not answer to'],
  forbidden_origin: [403, 'permission_error', 'a web page of an origin that the server does not admit'],
  not_found: [404, 'not_found_error', 'there is no such route'],
  model_not_found: [404, 'not_found_error', 'there is no such model'],
  method_not_allowed: [405, 'invalid_request_error', 'the route has other methods: see `Allow`'],
  request_timeout: [408, 'timeout_error', 'the headers did not arrive in time'],
  body_timeout: [408, 'timeout_error', 'the body did not arrive in time'],
  body_too_large: [413, 'invalid_request_error', 'the body has more bytes than the server takes'],
  unsupported_media_type: [
    415,
    'invalid_request_error',
    'no `Content-Type: application/json`, another charset than UTF-8, or compressed',
  ],
  expectation_failed: [417, 'invalid_request_error', 'an `Expect` other than `100-continue`'],
  too_many_attempts: [429, 'rate_limit_error', 'too many wrong keys from one address; come back after `Retry-After`'],
  headers_too_large: [431, 'invalid_request_error', 'the headers have more bytes than the server takes'],
  rate_limited: [429, 'rate_limit_error', 'the key’s tokens of this minute are used up; come back after `Retry-After`'],
  overloaded: [429, 'rate_limit_error', 'too much waits already; come back after `Retry-After`'],
  internal: [500, 'server_error', 'a fault of the server’s, of which its log has more'],
  invalid_target: [500, 'server_error', 'a fault of the server’s, of which its log has more'],
  unauthorized: [502, 'server_error', 'the server behind this one does not take its key'],
  unreachable: [502, 'server_error', 'the server behind this one was not reached, or broke off'],
  unsupported: [501, 'not_supported_error', 'what is asked for is known and cannot be done'],
  aborted: [503, 'unavailable_error', 'the request was given up'],
  engine_closed: [503, 'unavailable_error', 'the engine is closed'],
  model_load_failed: [503, 'unavailable_error', 'the model could not be loaded'],
  loading: [503, 'unavailable_error', 'the model loads; come back after `Retry-After`'],
  unhealthy: [503, 'unavailable_error', 'the engine has failed'],
  no_slot: [503, 'unavailable_error', 'every slot is busy, and `/slots` was asked to fail then'],
  shutting_down: [503, 'unavailable_error', 'the server drains, and takes no more requests'],
  deadline_exceeded: [504, 'timeout_error', 'the client’s own deadline passed'],
}

/** What these say may name files or other requests: it goes to the log, not to clients. */
const PRIVATE: Readonly<Partial<Record<EngineErrorCode, string>>> = {
  internal: 'internal error',
  invalid_target: 'internal error',
  unauthorized: 'the server behind this one does not take its key',
  unreachable: 'the server behind this one was not reached, or broke off',
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
  const known = error instanceof EngineError || error instanceof RefusedError || error instanceof RateLimitedError
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
  const isBusy = error instanceof OverloadedError || error instanceof RateLimitedError
  if (isBusy && error.retryAfterMs !== undefined)
    return {
      'Retry-After': String(Math.ceil(error.retryAfterMs / 1000)),
      'Retry-After-Ms': String(Math.ceil(error.retryAfterMs)),
    }
  return {}
}
