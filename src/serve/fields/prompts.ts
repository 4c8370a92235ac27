import { z } from 'zod'
import { type Input, InvalidRequestError } from '../../engine/index.ts'

/** Requests that one HTTP request may become. */
export const MAX_PROMPTS = 128

const SINGLE = [
  { type: 'string', minLength: 1, title: 'text' },
  { type: 'array', items: { type: 'integer', minimum: 0 }, minItems: 1, title: 'token ids' },
] as const

/** Its shape is checked by {@link promptsOf}, in words of its own; what is said here is for `/openapi.json`. */
export const promptField = documented([
  ...SINGLE,
  { type: 'array', items: { anyOf: SINGLE }, minItems: 1, maxItems: MAX_PROMPTS, title: 'several of either' },
])

/** As {@link promptField}, for routes that take one. */
export const singlePromptField = documented(SINGLE)

/** Optional for zod alone, so that what is missing is told in the words of {@link promptsOf}. */
function documented(anyOf: readonly object[]) {
  return z.unknown().optional().meta({ anyOf, description: 'What to continue.', 'x-required': true })
}

export interface Prompt {
  readonly input: Input
  /** Where it stood in the body, e.g. `prompt[1]`. */
  readonly field: string
}

/**
 * `prompt` of a completion: a string, token ids, or a list of either. What is in the lists is the engine's to check.
 *
 * @throws InvalidRequestError
 */
export function promptsOf(prompt: unknown): Prompt[] {
  if (isSingle(prompt)) return [{ input: inputOf(prompt), field: 'prompt' }]
  if (!Array.isArray(prompt) || prompt.length === 0)
    throw refusal(
      Array.isArray(prompt) ? 'must not be empty' : 'must be a string, a list of token ids, or a list of either',
    )
  if (prompt.length > MAX_PROMPTS) throw refusal(`must have at most ${MAX_PROMPTS} entries, got ${prompt.length}`)
  return prompt.map((entry: unknown, i) => {
    const field = `prompt[${i}]`
    if (!isSingle(entry)) throw refusal('must be a string or a list of token ids', field)
    return { input: inputOf(entry), field }
  })
}

/** @throws InvalidRequestError unless it is one prompt */
export function promptOf(prompt: unknown): Prompt {
  if (!isSingle(prompt)) throw refusal('must be a string or a list of token ids')
  return { input: inputOf(prompt), field: 'prompt' }
}

function isSingle(prompt: unknown): prompt is string | number[] {
  return typeof prompt === 'string' || (Array.isArray(prompt) && typeof prompt[0] === 'number')
}

function inputOf(prompt: string | number[]): Input {
  return typeof prompt === 'string' ? { text: prompt } : { tokens: prompt }
}

function refusal(complaint: string, field = 'prompt'): InvalidRequestError {
  return new InvalidRequestError(`${field} ${complaint}`, field)
}
