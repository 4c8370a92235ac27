import { describe, expect, test } from 'vitest'
import {
  AbortedError,
  ContextLengthError,
  DeadlineExceededError,
  ENGINE_ERROR_CODES,
  EngineClosedError,
  type EngineErrorCode,
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
import { errorReply } from './error-reply.ts'

const SECRET = '/home/me/model.safetensors is damaged'

const CASES: Record<EngineErrorCode, [Error, status: number, type: string, message: string]> = {
  invalid_request: [new InvalidRequestError('n must be 1', 'n'), 400, 'invalid_request_error', 'n must be 1'],
  context_length_exceeded: [
    new ContextLengthError(9, 8),
    400,
    'exceed_context_size_error',
    'the prompt has 9 tokens and the model’s context holds 8: shorten the prompt so that at least one token can follow',
  ],
  unsupported: [new UnsupportedError('no images', 'content'), 501, 'not_supported_error', 'no images'],
  overloaded: [new OverloadedError('the queue is full', 1500), 429, 'rate_limit_error', 'the queue is full'],
  deadline_exceeded: [new DeadlineExceededError('too late'), 504, 'timeout_error', 'too late'],
  aborted: [new AbortedError(), 503, 'unavailable_error', 'the request was aborted'],
  engine_closed: [new EngineClosedError(), 503, 'unavailable_error', 'the engine is closed'],
  model_load_failed: [new ModelLoadError(SECRET), 503, 'unavailable_error', 'the model could not be loaded'],
  model_not_found: [new ModelNotFoundError('there is no model "x"'), 404, 'not_found_error', 'there is no model "x"'],
  unauthorized: [
    new UnauthorizedError(SECRET),
    502,
    'server_error',
    'the server behind this one does not take its key',
  ],
  unreachable: [
    new UnreachableError(SECRET),
    502,
    'server_error',
    'the server behind this one was not reached, or broke off',
  ],
  invalid_target: [new InvalidTargetError(SECRET), 500, 'server_error', 'internal error'],
  internal: [new InternalError(SECRET), 500, 'server_error', 'internal error'],
}

describe('every error of the contract has a status and a type', () => {
  test.each(ENGINE_ERROR_CODES)('%s', code => {
    const [error, status, type, message] = CASES[code]
    const reply = errorReply(error)
    expect(reply.status).toBe(status)
    expect(reply.body.error).toMatchObject({ type, code, message: message.replace('’', "'") })
    expect(JSON.stringify(reply)).not.toContain(SECRET)
  })
})

test('an error that is none of ours is internal', () => {
  expect(errorReply(new TypeError(SECRET))).toEqual({
    status: 500,
    headers: {},
    body: { error: { message: 'internal error', type: 'server_error', param: null, code: 'internal' } },
  })
})

test('the engine’s own estimate of when to come back goes into the headers', () => {
  expect(errorReply(new OverloadedError('full', 1500)).headers).toEqual({
    'Retry-After': '2',
    'Retry-After-Ms': '1500',
  })
  expect(errorReply(new OverloadedError('full')).headers).toEqual({})
})

test('both lengths stand beside the message', () => {
  expect(errorReply(new ContextLengthError(9, 8)).body.error).toMatchObject({ n_prompt_tokens: 9, n_ctx: 8 })
})
