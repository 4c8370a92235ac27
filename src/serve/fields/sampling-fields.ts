import { z } from 'zod'
import { InvalidRequestError, type SamplingParams, UnsupportedError } from '../../engine/index.ts'
import { flag, number, text } from './field-types.ts'


/**
 * Fields that chat and completions share. Their types are checked here; ranges are the engine's to check, which
 * says the same to every caller.
 */
export const samplingFields = {
  temperature: number,
  top_k: number,
  top_p: number,
  min_p: number,
  repetition_penalty: number,
  presence_penalty: number,
  frequency_penalty: number,
  logit_bias: z.record(z.string(), z.number(), { error: 'must map token ids to numbers' }).nullish(),
  seed: number,
  stop: z.union([text, z.array(text)], { error: 'must be a string or a list of strings' }).nullish(),
  stop_token_ids: z.array(z.number(), { error: 'must be a list of token ids' }).nullish(),
  min_tokens: number,
  max_tokens: number,
  max_completion_tokens: number,
  ignore_eos: flag,
  n: number,
  skip_special_tokens: flag,
}

/** Fields of every request for text. */
export const commonFields = {
  ...samplingFields,
  model: text.nullish(),
  stream: flag,
  stream_options: z.looseObject({ include_usage: flag }, { error: 'must be an object' }).nullish(),
  priority: number,
  cache_prompt: flag,
  cache_salt: text.nullish(),
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

/** What a request says of sampling; `rest` is what its route reads in its own way. */
export function samplingOf(fields: SamplingFields, rest: SamplingParams = {}): SamplingParams {
  const given: Record<string, unknown> = fields
  const params: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(NAMES)) if (field in samplingFields) params[name] = given[field]
  params.maxTokens = fields.max_completion_tokens ?? fields.max_tokens
  if (typeof fields.stop === 'string') params.stop = [fields.stop]
  // −1 says "all" of top_k, and "any" of seed, to llama.cpp and vLLM.
  if (fields.top_k === -1) params.topK = 0
  if (fields.seed === -1) params.seed = undefined
  const set = Object.entries({ ...params, ...rest }).filter(([, value]) => value !== undefined && value !== null)
  return Object.fromEntries(set)
}

/** Where a request's own names differ from those above. */
export type Renamed = Readonly<Partial<Record<keyof SamplingParams, string>>>

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
  if (name === 'text' || name === 'tokens') return input + rest
  if (name === 'templateOptions') return `chat_template_kwargs${rest}`
  return name === '' ? param : name + rest
}
