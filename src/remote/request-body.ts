import { type GenerateRequest, type Input, type SamplingParams, UnsupportedError } from '../engine/index.ts'
import type { Dialect } from './dialect.ts'

export type Route = 'chat' | 'completions' | 'llama'

export const PATHS: Readonly<Record<Route, string>> = {
  chat: '/v1/chat/completions',
  completions: '/v1/completions',
  llama: '/completion',
}

/** What all requests to one server have in common. */
export interface BodySettings {
  readonly dialect: Dialect
  readonly model: string
  /** undefined: not known. */
  readonly contextLength: number | undefined
  readonly streaming: boolean
}

/**
 * What is posted for a request; `input` is its own, or the token ids that it stands for.
 *
 * @throws UnsupportedError for what the server has no field for
 */
export function requestBody(route: Route, input: Input, request: GenerateRequest, settings: BodySettings): string {
  const { dialect, model, streaming } = settings
  const { fields } = dialect
  const { sampling = {}, priority, cacheSalt, timeline } = request
  const body: Record<string, unknown> = route === 'llama' ? {} : { model }
  setInput(body, route, input, settings)
  setSampling(body, route, sampling, settings)
  if (streaming) body.stream = true
  if (route === 'llama') body.return_tokens = true
  else {
    if (streaming && fields.usage) body.stream_options = { include_usage: true }
    for (const name of fields.always) body[name] = true
  }
  if (timeline && fields.timeline !== undefined) body[fields.timeline] = true
  if (priority && fields.priority !== undefined) body[fields.priority] = priority
  if (cacheSalt) {
    if (fields.cacheSalt === undefined) throw missing('cacheSalt', dialect)
    body[fields.cacheSalt] = cacheSalt
  }
  return JSON.stringify(body)
}

function setInput(body: Record<string, unknown>, route: Route, input: Input, { dialect }: BodySettings): void {
  const { idsAsPrompt, fields } = dialect
  if ('messages' in input) {
    body.messages = input.messages
    if (input.templateOptions === undefined) return
    if (fields.templateOptions === undefined) throw missing('input.templateOptions', dialect)
    body[fields.templateOptions] = input.templateOptions
  } else if (route === 'chat') {
    if ('tokens' in input)
      throw new UnsupportedError('input.tokens cannot be a chat: use text or messages', 'input.tokens')
    body.messages = [{ role: 'user', content: input.text }]
  } else if ('text' in input) {
    body.prompt = input.text
    if (input.addSpecialTokens === false && fields.addSpecialTokens !== undefined) body[fields.addSpecialTokens] = false
  } else {
    if (!idsAsPrompt) throw missing('input.tokens', dialect)
    body.prompt = input.tokens
  }
}

/** Parameters that are set in a way of their own. */
const APART: ReadonlySet<string> = new Set(['maxTokens', 'logprobs', 'topLogprobs', 'logitBias', 'stop', 'ignoreEos'])

function setSampling(
  body: Record<string, unknown>,
  route: Route,
  sampling: SamplingParams,
  { dialect, contextLength }: BodySettings,
): void {
  for (const key in sampling) {
    const param = key as keyof SamplingParams
    const value = sampling[param]
    if (value === undefined || APART.has(param)) continue
    const name = dialect.sampling[param]
    if (name !== undefined) body[name] = value
    else if (!isIdle(param, value)) throw missing(`sampling.${param}`, dialect)
  }
  const { maxTokens, stop, ignoreEos, logitBias, temperature, repetitionPenalty } = sampling
  if (maxTokens !== undefined) body[route === 'llama' ? 'n_predict' : 'max_tokens'] = maxTokens
  else if (route === 'llama') body.n_predict = -1
  else if (dialect.unlimited === 'null') body.max_tokens = null
  else if (dialect.unlimited === 'context' && contextLength !== undefined) body.max_tokens = contextLength
  if (stop !== undefined && stop.length > 0) body.stop = stop
  // Without it an answer may be shorter, which whoever measures sees.
  if (ignoreEos && dialect.sampling.ignoreEos !== undefined) body[dialect.sampling.ignoreEos] = true
  if (temperature === 0 && dialect.noZeroTemperature) delete body.temperature
  if (logitBias !== undefined && Object.keys(logitBias).length > 0)
    body.logit_bias =
      dialect.logitBiasPairs || route === 'llama'
        ? Object.entries(logitBias).map(([id, bias]) => [Number(id), bias])
        : logitBias
  // llama.cpp looks back 64 tokens unless it is told to look at all.
  if (repetitionPenalty !== undefined && dialect.sampling.repetitionPenalty === 'repeat_penalty')
    body.repeat_last_n = -1
  setLogprobs(body, route, sampling)
}

/** A flag and a number in chat, one number elsewhere. */
function setLogprobs(body: Record<string, unknown>, route: Route, { logprobs, topLogprobs = 0 }: SamplingParams): void {
  if (!logprobs) return
  if (route === 'chat') {
    body.logprobs = true
    if (topLogprobs > 0) body.top_logprobs = topLogprobs
  } else if (route === 'completions') body.logprobs = topLogprobs
  // 0 asks for none.
  else body.n_probs = Math.max(1, topLogprobs)
}

/** Values that ask for what happens anyway. */
const IDLE: Readonly<Partial<Record<keyof SamplingParams, unknown>>> = {
  topK: 0,
  minP: 0,
  repetitionPenalty: 1,
  minTokens: 0,
  skipSpecialTokens: true,
  n: 1,
}

function isIdle(param: keyof SamplingParams, value: unknown): boolean {
  return IDLE[param] === value || (Array.isArray(value) && value.length === 0)
}

function missing(param: string, { name }: Dialect): UnsupportedError {
  const server = name === 'openai' ? 'a server that is known to be OpenAI-compatible and no more' : name
  return new UnsupportedError(`${param} cannot be asked of ${server}: leave it out`, param)
}
