import { WarplineError } from '../../errors.ts'

/** What is wrong with a request before any engine sees it. */
export type RefusalCode =
  | 'malformed_request'
  | 'invalid_json'
  | 'invalid_api_key'
  | 'insufficient_scope'
  | 'too_many_attempts'
  | 'forbidden_host'
  | 'forbidden_origin'
  | 'not_found'
  | 'method_not_allowed'
  | 'request_timeout'
  | 'body_timeout'
  | 'body_too_large'
  | 'unsupported_media_type'
  | 'expectation_failed'
  | 'headers_too_large'
  | 'loading'
  | 'unhealthy'
  | 'no_slot'
  | 'shutting_down'

export class RefusedError extends WarplineError {
  constructor(
    override readonly code: RefusalCode,
    message: string,
    /** Sent with the answer. */
    readonly headers: Readonly<Record<string, string>> = {},
    readonly param: string | undefined = undefined,
  ) {
    super(message)
  }
}

/** An option of the server has a value that cannot be. */
export class InvalidOptionError extends WarplineError {
  override readonly code = 'invalid_option'
}

/** The address may be reached from other machines, and nothing asks who calls. */
export class InsecureBindError extends WarplineError {
  override readonly code = 'insecure_bind'
  constructor(host: string) {
    super(
      `refusing to listen on ${host}, where anyone can reach the server: use 127.0.0.1, ask for keys, or say insecure if that is meant`,
    )
  }
}

/** The port is taken, or the address is not this machine's. */
export class ListenError extends WarplineError {
  override readonly code = 'listen_failed'
}
