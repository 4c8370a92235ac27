import {
  AbortedError,
  ContextLengthError,
  DeadlineExceededError,
  EngineClosedError,
  type EngineError,
  InternalError,
  InvalidRequestError,
  ModelNotFoundError,
  OverloadedError,
  UnauthorizedError,
  UnreachableError,
  UnsupportedError,
} from '../engine/index.ts'
import { escapeControls } from '../escape-controls.ts'
import { countIn, headerOf, isObject, type Json, jsonOf, type Reply, textIn } from './reply.ts'

/** What a message from elsewhere may take of a line. */
const MAX_MESSAGE = 512

/** Where an error came from. */
export interface Origin {
  /** The server's address. */
  readonly text: string
  /** Whether it was asked with a key, which `redact` takes out of what it says. */
  readonly hasKey: boolean
  redact(text: string): string
}

interface Told {
  readonly message: string
  readonly type: string | undefined
  readonly code: string | undefined
  readonly param: string | undefined
  readonly body: Json
}

/** Words of a server in one line of bounded length, without the key that it was asked with. */
export function quoted(text: string, origin: Origin): string {
  const clean = escapeControls(origin.redact(text))
  return clean.length <= MAX_MESSAGE ? clean : `${clean.slice(0, MAX_MESSAGE)}…`
}

/** The contract's error for a reply whose status is no success. */
export function errorOfReply(reply: Reply, origin: Origin): EngineError {
  const { status, headers, text } = reply
  if (status >= 300 && status < 400) {
    const to = headerOf(headers, 'location') ?? 'another address'
    return new UnreachableError(`${origin.text} sends on to ${quoted(to, origin)}: give that as the target`)
  }
  return errorOf(status, toldOf(jsonOf(text), text), headers, origin)
}

/** The contract's error for an error object within a stream, or in place of an answer. */
export function errorOfFrame(json: Json | undefined, text: string, origin: Origin): EngineError {
  const told = toldOf(json, text)
  const status = countIn(told.body, 'code') ?? countIn(json, 'status_code') ?? 500
  return errorOf(status >= 400 && status < 600 ? status : 500, told, {}, origin)
}

/** OpenAI's shape, vLLM's former one, TGI's, FastAPI's, or none. */
function toldOf(json: Json | undefined, text: string): Told {
  const body = isObject(json?.error) ? json.error : (json ?? {})
  const told = [textIn(body, 'message'), textIn(json, 'error'), textIn(json, 'message'), detailOf(json?.detail)]
  return {
    // A page is for browsers: it is no words in a line.
    message: told.find(message => message !== undefined) ?? (/^\s*</.test(text) ? '' : text.trim()),
    type: textIn(body, 'type') ?? textIn(json, 'error_type'),
    code: textIn(body, 'code'),
    param: textIn(body, 'param'),
    body,
  }
}

function detailOf(detail: unknown): string | undefined {
  if (typeof detail === 'string') return detail
  return Array.isArray(detail) && detail.length > 0 ? JSON.stringify(detail) : undefined
}

function errorOf(status: number, told: Told, headers: Reply['headers'], origin: Origin): EngineError {
  const { code, param } = told
  const said = quoted(told.message, origin)
  const message = said === '' ? `${origin.text} answers with status ${status} and no words` : said
  if (status === 401 || status === 403)
    return new UnauthorizedError(
      `${origin.text} ${!origin.hasKey ? 'wants a key: set WARPLINE_API_KEY, or --api-key-file' : 'does not take this key'} (${status}${said && `: ${said}`})`,
    )
  const context = contextErrorOf(status, told)
  if (context) return context
  if (status === 408 || status === 504 || code === 'deadline_exceeded') return new DeadlineExceededError(message)
  if (status === 429) return new OverloadedError(message, retryAfterOf(headers))
  if (status === 501) return new UnsupportedError(message, param)
  if (status === 503) {
    if (code === 'engine_closed' || code === 'shutting_down') return new EngineClosedError(message)
    if (code === 'aborted') return new AbortedError(message)
    return new OverloadedError(message, retryAfterOf(headers))
  }
  if (status >= 500) return new InternalError(`${origin.text} failed (${status}): ${message}`)
  if (status === 404 && isNoModel(told)) return new ModelNotFoundError(`${origin.text} has no such model: ${said}`)
  if (status === 404)
    return new InvalidRequestError(`${origin.text} knows no such model or route (404)${said && `: ${said}`}`, param)
  return new InvalidRequestError(message, param)
}

/** OpenAI's code, and what vLLM ("The model `x` does not exist."), SGLang and Ollama ("model 'x' not found") say. */
function isNoModel({ code, message }: Told): boolean {
  return code === 'model_not_found' || /\bmodel\b.*\b(?:does not exist|not found)/is.test(message)
}

/** "5000 in the messages", "prompt contains at least 4081 input tokens", "The input (5000 tokens)". */
const PROMPT_LENGTHS = [
  /(\d+) (?:tokens )?(?:in|from) the (?:messages|prompt|input)/i,
  /prompt contains (?:at least )?(\d+)/i,
  /input \((\d+) tokens\)/i,
]

/** llama.cpp and warpline say both lengths in fields, vLLM and others in words. */
function contextErrorOf(status: number, { type, code, message, body }: Told): ContextLengthError | undefined {
  if (status !== 400 && status !== 413 && status !== 422 && status !== 500) return undefined
  const [prompt, context] = [countIn(body, 'n_prompt_tokens'), countIn(body, 'n_ctx')]
  const named = type === 'exceed_context_size_error' || code === 'context_length_exceeded'
  if (prompt !== undefined && context !== undefined && named)
    return new ContextLengthError(prompt, context, !/has at least \d/.test(message))
  const [, length] = /(?:maximum|max|model's) context length (?:is |of |\()?(\d+)/i.exec(message) ?? []
  if (length === undefined) return undefined
  const tokens = PROMPT_LENGTHS.map(words => words.exec(message)?.[1]).find(found => found !== undefined)
  const exact = tokens !== undefined && !message.includes('at least')
  return new ContextLengthError(Number(tokens ?? length), Number(length), exact)
}

/** In ms; undefined where it is not told in seconds. */
function retryAfterOf(headers: Reply['headers']): number | undefined {
  const [ms, seconds] = [headerOf(headers, 'retry-after-ms'), headerOf(headers, 'retry-after')]
  if (ms !== undefined && /^\d{1,9}$/.test(ms)) return Number(ms)
  return seconds !== undefined && /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1000 : undefined
}
