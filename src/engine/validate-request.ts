import type { EngineInfo } from './engine.ts'
import { ContextLengthError, InvalidRequestError, UnsupportedError } from './errors.ts'
import type { ChatMessage, GenerateRequest, Input } from './request.ts'
import { type ResolvedSampling, SAMPLING_DEFAULTS, type SamplingParams } from './sampling.ts'

/** How much of each list a request may hold; checked before anything is allocated for it. */
export const REQUEST_LIMITS = {
  messages: 1024,
  stop: 16,
  stopBytes: 256,
  stopTokenIds: 1024,
  logitBias: 1024,
  idLength: 256,
  cacheSaltLength: 256,
} as const

/** Of a number in a request. */
export interface NumberRange {
  readonly min: number
  readonly max: number
  readonly integer?: true
  /** The range is open at `min`. */
  readonly above?: true
}

const UNBOUNDED = Number.MAX_SAFE_INTEGER

/** Of every number among the sampling parameters: what documents, fuzzes or checks them reads it here. */
export const SAMPLING_RANGES = {
  temperature: { min: 0, max: 10 },
  topK: { min: 0, max: UNBOUNDED, integer: true },
  topP: { min: 0, max: 1, above: true },
  minP: { min: 0, max: 1 },
  repetitionPenalty: { min: 0, max: 10, above: true },
  presencePenalty: { min: -2, max: 2 },
  frequencyPenalty: { min: -2, max: 2 },
  seed: { min: 0, max: UNBOUNDED, integer: true },
  minTokens: { min: 0, max: UNBOUNDED, integer: true },
  maxTokens: { min: 0, max: UNBOUNDED, integer: true },
  n: { min: 1, max: 16, integer: true },
  topLogprobs: { min: 0, max: 20, integer: true },
} as const satisfies Partial<Record<keyof SamplingParams, NumberRange>>

/** Of each value of `logitBias`. */
export const LOGIT_BIAS_RANGE: NumberRange = { min: -100, max: 100 }

interface Rule {
  readonly param: string
  check(param: string, value: unknown, vocabSize: number): void
}

/** By name; what a request leaves out was checked when the defaults were written. */
const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ...Object.entries(SAMPLING_RANGES).map(([name, range]) =>
    rule(name, (param, value) => checkNumber(param, value, range)),
  ),
  ...['ignoreEos', 'logprobs', 'skipSpecialTokens'].map(name => rule(name, checkFlag)),
  rule('logitBias', checkLogitBias),
  rule('stop', checkStops),
  rule('stopTokenIds', checkStopTokenIds),
])

function rule(name: string, check: Rule['check']): [string, Rule] {
  return [name, { param: `sampling.${name}`, check }]
}

const ROLES: ReadonlySet<string> = new Set(['system', 'user', 'assistant', 'tool'] satisfies ChatMessage['role'][])

/**
 * Checks everything of a request that needs no tokenizer, and settles its sampling: the request's own values over the
 * model's over {@link SAMPLING_DEFAULTS}. Messages begin with the field's name, which `param` holds too.
 *
 * @throws InvalidRequestError, ContextLengthError (token ids alone), UnsupportedError (messages without a chat template)
 *
 * @example
 * validateRequest({ input: { text: 'Once' }, sampling: { maxTokens: 8 } }, engine.info).temperature // 1
 */
export function validateRequest(request: GenerateRequest, info: EngineInfo): ResolvedSampling {
  checkInput(request.input, info)
  if (request.priority !== undefined && !Number.isFinite(request.priority))
    refuse('priority', `must be a finite number, got ${show(request.priority)}`)
  if (request.id !== undefined) checkId(request.id)
  if (request.cacheSalt !== undefined) checkCacheSalt(request.cacheSalt)
  const sampling: ResolvedSampling = { ...SAMPLING_DEFAULTS }
  override(sampling, info.samplingDefaults, idsOf(info))
  if (request.sampling !== undefined) override(sampling, request.sampling, idsOf(info))
  checkTogether(sampling)
  return sampling
}

/**
 * Checks a prompt alone, as {@link validateRequest} does.
 *
 * @throws InvalidRequestError, ContextLengthError (token ids alone), UnsupportedError (messages without a chat template)
 */
export function validateInput(input: Input, info: EngineInfo): void {
  checkInput(input, info)
}

/**
 * Checks ids that are to be turned into text; as many as there are.
 *
 * @throws InvalidRequestError
 */
export function validateTokenIds(ids: readonly number[], info: EngineInfo): void {
  checkIds('tokens', ids, idsOf(info))
}

/**
 * How many tokens may follow a prompt of this length: `maxTokens`, or less where the context ends before.
 *
 * @throws ContextLengthError where not even one token would fit
 */
export function outputLimit(promptTokens: number, sampling: ResolvedSampling, info: EngineInfo): number {
  const left = info.contextLength - promptTokens
  if (left < 1) throw new ContextLengthError(promptTokens, info.contextLength)
  return Math.min(sampling.maxTokens ?? left, left)
}

/**
 * How far prompts are counted: of one up to twice as long as the context a client learns the exact length. Whatever is
 * longer costs no more than that.
 */
export function countedTokens({ contextLength }: EngineInfo): number {
  return 2 * contextLength
}

/** Takes over what is given. Unlike a spread, lets no value win that is undefined. */
function override(sampling: ResolvedSampling, given: SamplingParams, vocabSize: number): void {
  if (typeof given !== 'object' || given === null) refuse('sampling', 'must be an object')
  for (const key of Object.keys(given)) {
    const rule = RULES.get(key)
    if (rule === undefined)
      refuse(`sampling.${key}`, `is not a sampling parameter; known are ${[...RULES.keys()].join(', ')}`)
    const value = given[key as keyof SamplingParams]
    if (value === undefined) continue
    rule.check(rule.param, value, vocabSize)
    ;(sampling as Record<string, unknown>)[key] = value
  }
}

function checkTogether({ minTokens, maxTokens, topLogprobs, logprobs }: ResolvedSampling): void {
  if (maxTokens !== undefined && minTokens > maxTokens)
    refuse('sampling.minTokens', `must not exceed the ${maxTokens} tokens asked for at most, got ${minTokens}`)
  if (topLogprobs > 0 && !logprobs) refuse('sampling.topLogprobs', 'needs logprobs to be true, since it adds to them')
}

function checkStops(param: string, stops: unknown): void {
  checkList(param, stops, REQUEST_LIMITS.stop)
  stops.forEach(checkStop)
}

function checkStopTokenIds(param: string, ids: unknown, vocabSize: number): void {
  checkList(param, ids, REQUEST_LIMITS.stopTokenIds)
  checkIds(param, ids, vocabSize)
}

function checkStop(text: unknown, index: number): void {
  const param = `sampling.stop[${index}]`
  checkText(param, text)
  if (text === '') refuse(param, 'must not be empty')
  if (Buffer.byteLength(text) > REQUEST_LIMITS.stopBytes)
    refuse(param, `must have at most ${REQUEST_LIMITS.stopBytes} bytes, got ${Buffer.byteLength(text)}`)
}

function checkLogitBias(param: string, logitBias: unknown, vocabSize: number): void {
  if (typeof logitBias !== 'object' || logitBias === null || Array.isArray(logitBias))
    refuse(param, 'must map token ids to numbers')
  const entries = Object.entries(logitBias)
  if (entries.length > REQUEST_LIMITS.logitBias)
    refuse(param, `must have at most ${REQUEST_LIMITS.logitBias} entries, got ${entries.length}`)
  for (const [key, bias] of entries) {
    if (!/^\d{1,15}$/.test(key) || Number(key) >= vocabSize)
      refuse(param, `must have token ids from 0 to ${vocabSize - 1} as keys, got ${show(key)}`)
    checkNumber(`${param}[${key}]`, bias, LOGIT_BIAS_RANGE)
  }
}

function checkInput(input: Input, info: EngineInfo): void {
  if (typeof input !== 'object' || input === null) refuse('input', 'must hold messages, text or tokens')
  if (Number('messages' in input) + Number('text' in input) + Number('tokens' in input) !== 1) {
    const kinds = ['messages', 'text', 'tokens'].filter(kind => kind in input)
    refuse('input', `must hold exactly one of messages, text and tokens, got ${kinds.join(' and ') || 'none'}`)
  }
  if ('messages' in input) {
    if (!info.chat)
      throw new UnsupportedError(`input.messages cannot be used: ${info.model} has no chat template`, 'input.messages')
    checkList('input.messages', input.messages, REQUEST_LIMITS.messages, 1)
    input.messages.forEach(checkMessage)
    const options = input.templateOptions
    if (options !== undefined && (typeof options !== 'object' || options === null || Array.isArray(options)))
      refuse('input.templateOptions', `must be an object, got ${show(options)}`)
  } else if ('text' in input) {
    checkText('input.text', input.text)
    if (input.text === '') refuse('input.text', 'must not be empty')
    if (input.addSpecialTokens !== undefined) checkFlag('input.addSpecialTokens', input.addSpecialTokens)
  } else {
    checkList('input.tokens', input.tokens, Number.POSITIVE_INFINITY, 1)
    if (input.tokens.length >= info.contextLength) throw new ContextLengthError(input.tokens.length, info.contextLength)
    checkIds('input.tokens', input.tokens, idsOf(info))
  }
}

function checkMessage(message: ChatMessage, index: number): void {
  const param = `input.messages[${index}]`
  if (typeof message !== 'object' || message === null) refuse(param, 'must be an object with role and content')
  if (!ROLES.has(message.role))
    refuse(`${param}.role`, `must be one of ${[...ROLES].join(', ')}, got ${show(message.role)}`)
  checkText(`${param}.content`, message.content)
  if (message.name !== undefined) checkText(`${param}.name`, message.name)
}

function checkId(id: string): void {
  checkText('id', id)
  // A control character would let a caller forge lines of a log.
  if (id.length > REQUEST_LIMITS.idLength || /\p{Cc}/u.test(id))
    refuse('id', `must have at most ${REQUEST_LIMITS.idLength} characters and no control characters`)
}

function checkNumber(param: string, value: unknown, { min, max, integer, above }: NumberRange): void {
  const inRange = typeof value === 'number' && (above ? value > min : value >= min) && value <= max
  if (inRange && (!integer || Number.isSafeInteger(value))) return
  const kind = integer ? 'a whole number' : 'a number'
  const from = above ? `above ${min}` : max === UNBOUNDED ? `of at least ${min}` : `from ${min}`
  const to = max === UNBOUNDED ? '' : above ? ` and at most ${max}` : ` to ${max}`
  refuse(param, `must be ${kind} ${from}${to}, got ${show(value)}`)
}

function checkCacheSalt(salt: string): void {
  checkText('cacheSalt', salt)
  if (salt.length > REQUEST_LIMITS.cacheSaltLength)
    refuse('cacheSalt', `must have at most ${REQUEST_LIMITS.cacheSaltLength} characters, got ${salt.length}`)
}

function checkFlag(param: string, value: unknown): void {
  if (typeof value !== 'boolean') refuse(param, `must be true or false, got ${show(value)}`)
}

function checkText(param: string, text: unknown): asserts text is string {
  if (typeof text !== 'string') refuse(param, `must be a string, got ${show(text)}`)
  if (!text.isWellFormed()) refuse(param, 'holds half of a surrogate pair, which is no Unicode text')
}

function checkList(param: string, list: unknown, max: number, min = 0): asserts list is readonly unknown[] {
  if (!Array.isArray(list)) refuse(param, `must be a list, got ${show(list)}`)
  if (list.length < min) refuse(param, 'must not be empty')
  if (list.length > max) refuse(param, `must have at most ${max} entries, got ${list.length}`)
}

function checkIds(param: string, ids: readonly unknown[], vocabSize: number): void {
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]
    if (!isId(id, vocabSize)) refuse(`${param}[${i}]`, `must be a token id from 0 to ${vocabSize - 1}, got ${show(id)}`)
  }
}

/** How many ids there are; of a vocabulary that is not known, as many as any has. */
function idsOf({ vocabSize }: EngineInfo): number {
  return vocabSize === 0 ? 2 ** 31 : vocabSize
}

function isId(value: unknown, vocabSize: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < vocabSize
}

/** A value as it may stand in a message: short, and never the content of a long text. */
function show(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null || value === undefined)
    return String(value)
  if (typeof value === 'string') return value.length <= 32 ? JSON.stringify(value) : 'a long string'
  return Array.isArray(value) ? 'a list' : `a value of type ${typeof value}`
}

function refuse(param: string, complaint: string): never {
  throw new InvalidRequestError(`${param} ${complaint}`, param)
}
