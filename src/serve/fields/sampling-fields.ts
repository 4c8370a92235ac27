import { z } from 'zod'
import {
  InvalidRequestError,
  LOGIT_BIAS_RANGE,
  REQUEST_LIMITS,
  SAMPLING_RANGES,
  type SamplingParams,
  UnsupportedError,
} from '../../engine/index.ts'
import { flag, number, text, tokenId } from './field-types.ts'
import { inRange, keywordsOf } from './in-range.ts'

const R = SAMPLING_RANGES
const OR_MODELS = 'Default: the model’s own, else'

const stopText = text.meta({ minLength: 1, maxLength: REQUEST_LIMITS.stopBytes })

/** How many tokens an answer may have at most; what is the default differs from route to route. */
export function maxTokensField(byDefault: number | string) {
  const more = typeof byDefault === 'number' ? { default: byDefault } : {}
  const words = typeof byDefault === 'string' ? ` Default: ${byDefault}.` : ''
  return inRange(R.maxTokens, `Tokens of output at most; what goes beyond the context is cut.${words}`, more)
}

/**
 * Fields that all requests for text share. Their types are checked here; ranges are the engine's to check, which says
 * the same to every caller.
 */
export const samplingFields = {
  temperature: inRange(
    R.temperature,
    `How far to stray from the likeliest token; 0 always takes that one. ${OR_MODELS} 1.`,
  ),
  top_k: inRange({ ...R.topK, min: -1 }, `Keeps the k likeliest tokens; 0 and −1 keep all. ${OR_MODELS} 0.`),
  top_p: inRange(R.topP, `Keeps the likeliest tokens that together reach this probability. ${OR_MODELS} 1.`),
  min_p: inRange(R.minP, `Drops tokens less likely than this share of the likeliest. ${OR_MODELS} 0.`),
  repetition_penalty: inRange(
    R.repetitionPenalty,
    `Divides positive and multiplies negative logits of tokens that prompt or output hold. ${OR_MODELS} 1.`,
  ),
  presence_penalty: inRange(R.presencePenalty, 'Subtracted once from tokens that the output holds.', { default: 0 }),
  frequency_penalty: inRange(R.frequencyPenalty, 'Subtracted for each time that the output holds the token.', {
    default: 0,
  }),
  logit_bias: z
    .record(z.string(), z.number({ error: 'must be a number' }).meta(keywordsOf(LOGIT_BIAS_RANGE)), {
      error: 'must map token ids to numbers',
    })
    .nullish()
    .meta({
      description: 'Added to the logits: token id to number. −100 all but bars a token, 100 all but forces it.',
      propertyNames: { type: 'string', pattern: '^[0-9]{1,15}$' },
      maxProperties: REQUEST_LIMITS.logitBias,
    }),
  seed: inRange({ ...R.seed, min: -1 }, 'The same seed gives the same answer; −1 draws one. Default: drawn.'),
  stop: z
    .union([stopText, z.array(stopText).meta({ maxItems: REQUEST_LIMITS.stop })], {
      error: 'must be a string or a list of strings',
    })
    .nullish()
    .meta({
      description: `Ends the output before any of these, each of up to ${REQUEST_LIMITS.stopBytes} bytes of UTF-8.`,
    }),
  stop_token_ids: z
    .array(tokenId, { error: 'must be a list of token ids' })
    .nullish()
    .meta({ description: 'Ends the output at any of these, too.', maxItems: REQUEST_LIMITS.stopTokenIds }),
  min_tokens: inRange(R.minTokens, 'Neither end tokens nor stop strings end the output before so many tokens.', {
    default: 0,
  }),
  max_tokens: maxTokensField('what is left of the context'),
  max_completion_tokens: inRange(R.maxTokens, 'The newer name of max_tokens, which it overrules.'),
  ignore_eos: flag.meta({ description: 'Goes on past the model’s end tokens. For measurements.', default: false }),
  n: inRange(R.n, 'How many answers, each drawn on its own.', { default: 1 }),
  skip_special_tokens: flag.meta({ description: 'Leaves special tokens out of the text.', default: true }),
}

/**
 * Of a `cache_salt`, in characters. The engine gets it behind the salt of the caller's key, and takes
 * `REQUEST_LIMITS.cacheSaltLength` of both.
 */
const MAX_CACHE_SALT = 128

/** Of a session's name, in characters. */
const MAX_SESSION = 256

function sessionField(description: string) {
  return text
    .max(MAX_SESSION, { error: `must have at most ${MAX_SESSION} characters` })
    .nullish()
    .meta({ description })
}

/** Fields of every request for text. */
export const commonFields = {
  ...samplingFields,
  model: text.nullish().meta({
    description: 'Which of several models answers; where there is one, any name will do, and the answer names it.',
  }),
  prompt_cache_key: sessionField('Requests of one session go to the same engine, where there are several.'),
  user: sessionField('The same, where neither prompt_cache_key nor the header X-Session-Id is given.'),
  stream: flag.meta({ description: 'Sends the answer as server-sent events while it is made.', default: false }),
  priority: number.meta({
    description: 'Lower runs earlier. Below 0 needs an admin key; without one it counts as 0.',
    default: 0,
  }),
  cache_prompt: flag.meta({
    description: 'Whether the prompt may use what the prefix cache holds, and be found there by later ones.',
    default: true,
  }),
  cache_salt: text
    .max(MAX_CACHE_SALT, { error: `must have at most ${MAX_CACHE_SALT} characters` })
    .nullish()
    .meta({ description: 'Prompts share cached prefixes only where their salts are equal.' }),
  timeline: flag.meta({
    description: 'Tells when the request got how far, with the end of the answer.',
    default: false,
  }),
}

export type SamplingFields = z.infer<z.ZodObject<typeof samplingFields>>

/** The engine's names, and those that stand for them over HTTP. */
const NAMES: Readonly<Record<keyof SamplingParams, string>> = {
  temperature: 'temperature',
  topK: 'top_k',
  topP: 'top_p',
  minP: 'min_p',
  repetitionPenalty: 'repetition_penalty',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
  logitBias: 'logit_bias',
  seed: 'seed',
  stop: 'stop',
  stopTokenIds: 'stop_token_ids',
  minTokens: 'min_tokens',
  maxTokens: 'max_tokens',
  ignoreEos: 'ignore_eos',
  n: 'n',
  logprobs: 'logprobs',
  topLogprobs: 'top_logprobs',
  skipSpecialTokens: 'skip_special_tokens',
}

/** The engine's names of the fields above; the newer name of `max_tokens` is read apart. */
const PARAMS: ReadonlyMap<string, string> = new Map(
  Object.entries(NAMES).flatMap(([name, field]) => (field in samplingFields ? [[field, name]] : [])),
)

/** {@link SamplingParams}, of which what is undefined counts as left out. */
type Chosen = { readonly [K in keyof SamplingParams]?: SamplingParams[K] | undefined }

/** What a request says of sampling; `rest` is what its route reads in its own way. */
export function samplingOf(fields: SamplingFields, rest: Chosen = {}): SamplingParams {
  const given: Record<string, unknown> = fields
  const params: Record<string, unknown> = {}
  for (const field of Object.keys(given)) {
    const name = PARAMS.get(field)
    if (name !== undefined && given[field] !== null) params[name] = given[field]
  }
  const { max_completion_tokens } = fields
  if (typeof max_completion_tokens === 'number') params.maxTokens = max_completion_tokens
  if (typeof fields.stop === 'string') params.stop = [fields.stop]
  // −1 says "all" of top_k, and "any" of seed, to llama.cpp and vLLM.
  if (fields.top_k === -1) params.topK = 0
  if (fields.seed === -1) params.seed = undefined
  // To the engine, too, undefined is what was left out.
  return Object.assign(params, rest) as SamplingParams
}

/** Where a request's own names differ from those above. */
export type Renamed = Readonly<Partial<Record<keyof SamplingParams, string>>>

/** The limit of tokens has two names: errors tell the one that counted. */
export function renamedBy({ max_completion_tokens }: SamplingFields): Renamed {
  return typeof max_completion_tokens === 'number' ? { maxTokens: 'max_completion_tokens' } : {}
}

/** An engine's error with the names that the client knows; `input` is the field that the prompt came from. */
export function inClientsWords(error: unknown, input: string, renamed: Renamed = {}): unknown {
  const named = error instanceof InvalidRequestError || error instanceof UnsupportedError
  if (!named || error.param === undefined) return error
  const param = fieldOf(error.param, input, renamed)
  const message = error.message.replace(error.param, param)
  return error instanceof UnsupportedError
    ? new UnsupportedError(message, param)
    : new InvalidRequestError(message, param)
}

function fieldOf(param: string, input: string, renamed: Renamed): string {
  const [, name = '', rest = ''] = /^(?:sampling|input)\.(\w+)(.*)$/s.exec(param) ?? []
  if (param.startsWith('sampling.')) {
    const key = name as keyof SamplingParams
    return (renamed[key] ?? NAMES[key] ?? name) + rest
  }
  if (param === 'cacheSalt') return 'cache_salt'
  if (name === 'text' || name === 'tokens') return input + rest
  if (name === 'templateOptions') return `chat_template_kwargs${rest}`
  return name === '' ? param : name + rest
}
