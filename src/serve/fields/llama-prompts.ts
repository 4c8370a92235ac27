import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import { countedTokens, type Engine, type Input, InvalidRequestError, UnsupportedError } from '../../engine/index.ts'
import { encodeMixed, type MixedText } from './mixed-text.ts'
import { MAX_PROMPTS, type Prompt } from './prompts.ts'

const MIXED = {
  type: 'array',
  items: { anyOf: [{ type: 'integer', minimum: 0 }, { type: 'string' }] },
  minItems: 1,
  title: 'token ids, between which texts may stand',
} as const
const TEXT = { type: 'string', minLength: 1, title: 'text' } as const
const OBJECT = {
  type: 'object',
  properties: { prompt_string: TEXT },
  required: ['prompt_string'],
  title: 'text in an object',
} as const

export const llamaPromptField = z
  .unknown()
  .optional()
  .meta({
    description: 'What to continue. A list with a token id in it is one prompt; any other list is several.',
    anyOf: [
      TEXT,
      MIXED,
      OBJECT,
      {
        type: 'array',
        items: { anyOf: [TEXT, MIXED, OBJECT] },
        minItems: 1,
        maxItems: MAX_PROMPTS,
        title: 'several of these',
      },
    ],
    'x-required': true,
  })

/**
 * `prompt` of llama.cpp's `/completion`, one or several.
 *
 * @throws InvalidRequestError, UnsupportedError, ContextLengthError
 */
export async function llamaPromptsOf(engine: Engine, prompt: unknown): Promise<readonly Prompt[]> {
  if (!isList(prompt)) return [await encodedOf(engine, prompt, 'prompt')]
  if (prompt.length === 0) throw refusal('prompt', 'must not be empty')
  if (prompt.length > MAX_PROMPTS)
    throw refusal('prompt', `must have at most ${MAX_PROMPTS} entries, got ${prompt.length}`)
  const encoded: Prompt[] = []
  for (const [i, one] of prompt.entries()) {
    // Each may take milliseconds, in which nothing else is served.
    if (i > 0) await setImmediate()
    encoded.push(await encodedOf(engine, one, `prompt[${i}]`))
  }
  return encoded
}

/** Of prompts; a list with a number in it is one prompt. */
function isList(prompt: unknown): prompt is readonly unknown[] {
  return Array.isArray(prompt) && !prompt.some(part => typeof part === 'number')
}

async function encodedOf(engine: Engine, prompt: unknown, field: string): Promise<Prompt> {
  return { input: await inputOf(engine, mixedOf(prompt, field), field), field }
}

/** A text of which nobody here knows the tokens stays one. */
async function inputOf(engine: Engine, mixed: MixedText, field: string): Promise<Input> {
  if (typeof mixed === 'string' && engine.info.tokenizer === 'elsewhere') return { text: mixed }
  return { tokens: await encodeMixed(engine, mixed, field, true, countedTokens(engine.info)) }
}

function mixedOf(prompt: unknown, field: string): MixedText {
  if (typeof prompt === 'string' || Array.isArray(prompt)) return prompt
  if (typeof prompt !== 'object' || prompt === null)
    throw refusal(field, 'must be a string, a list of token ids and strings, or a list of such prompts')
  const { prompt_string: text, multimodal_data: data } = prompt as Readonly<Record<string, unknown>>
  if (Array.isArray(data) && data.length > 0)
    throw new UnsupportedError(
      `${field}.multimodal_data is not supported: only text is read`,
      `${field}.multimodal_data`,
    )
  if (typeof text !== 'string') throw refusal(`${field}.prompt_string`, 'must be a string')
  return text
}

function refusal(field: string, complaint: string): InvalidRequestError {
  return new InvalidRequestError(`${field} ${complaint}`, field)
}
