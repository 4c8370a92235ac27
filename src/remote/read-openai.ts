import { type ChosenLogprob, type FinishReason, UNKNOWN_TOKEN } from '../engine/index.ts'
import type { Answer } from './answer.ts'
import { countIn, isObject, type Json, objectIn, textIn } from './reply.ts'

/** Reads a chunk of a stream, or a whole answer, of chat or of completions: they say the same in other places. */
export function readOpenAi(json: Json, answer: Answer, topLogprobs: number): void {
  const { choices } = json
  readUsage(json, answer)
  if (!Array.isArray(choices)) return
  for (const choice of choices) if (isObject(choice)) readChoice(choice, json, answer, topLogprobs)
}

function readChoice(choice: Json, { prompt_token_ids: promptIds }: Json, answer: Answer, top: number): void {
  const { delta, message, text, token_ids: ids, finish_reason: reason, prompt_token_ids = promptIds } = choice
  const index = typeof choice.index === 'number' ? choice.index : 0
  const said = (delta ?? message) as Json | undefined
  const content = typeof text === 'string' ? text : isObject(said) ? contentOf(said) : ''
  if (Array.isArray(prompt_token_ids)) answer.count(prompt_token_ids.length, undefined)
  answer.take(
    index,
    content,
    Array.isArray(ids) ? ids : undefined,
    choice.logprobs === null || choice.logprobs === undefined
      ? undefined
      : logprobsOf(choice.logprobs as Json, ids as readonly number[] | undefined, top),
  )
  if (typeof reason === 'string') answer.finish(index, reasonOf(reason), stopOf(choice))
}

/** What a model thinks before it answers is tokens of its output, too. */
function contentOf(said: Json): string {
  const { content, reasoning_content, reasoning = reasoning_content } = said
  const text = typeof content === 'string' ? content : ''
  return typeof reasoning === 'string' ? reasoning + text : text
}

/** Whatever is not the end of the room ended by itself. */
export function reasonOf(reason: string): FinishReason {
  return reason === 'length' || reason === 'limit' ? 'length' : 'stop'
}

/** vLLM's name, and SGLang's. An end token of the model is told as null or as its id. */
function stopOf({ stop_reason, matched_stop = stop_reason }: Json): string | number | undefined {
  return typeof matched_stop === 'string' || typeof matched_stop === 'number' ? matched_stop : undefined
}

function readUsage(json: Json, answer: Answer): void {
  const { usage, timings, timeline } = json
  if (isObject(usage))
    answer.count(
      countIn(usage, 'prompt_tokens'),
      countIn(objectIn(usage, 'prompt_tokens_details'), 'cached_tokens'),
      countIn(usage, 'completion_tokens'),
    )
  if (isObject(timings)) readTimings(timings, answer)
  if (isObject(timeline)) answer.tell(timeline as never)
}

/** llama.cpp's. */
export function readTimings(timings: Json, answer: Answer): void {
  answer.time({
    ...at('queuedMs', countIn(timings, 'queued_ms')),
    ...at('prefillMs', countIn(timings, 'prompt_ms')),
    ...at('decodeMs', countIn(timings, 'predicted_ms')),
  })
  answer.count(undefined, countIn(timings, 'cache_n'))
}

function at<K extends string>(key: K, value: number | undefined): { [key in K]?: number } {
  return value === undefined ? {} : ({ [key]: value } as { [key in K]: number })
}

/** Chat lists tokens, completions have a list for each thing that is told of them. */
function logprobsOf(told: Json, ids: readonly number[] | undefined, top: number): ChosenLogprob[] | undefined {
  if (Array.isArray(told.content)) return told.content.filter(isObject).map((one, i) => describe(one, ids?.[i], top))
  const { tokens, token_logprobs, top_logprobs } = told
  if (!Array.isArray(tokens) || !Array.isArray(token_logprobs)) return undefined
  return tokens.map((token: unknown, i): ChosenLogprob => {
    const likeliest = Array.isArray(top_logprobs) && isObject(top_logprobs[i]) ? top_logprobs[i] : {}
    return {
      ...one(String(token), token_logprobs[i], ids?.[i]),
      top: Object.entries(likeliest)
        .map(([token, logprob]) => one(token, logprob))
        .sort((a, b) => b.logprob - a.logprob)
        .slice(0, top),
    }
  })
}

/** As chat tells it, and llama.cpp's own route, which adds ids. */
export function describe(told: Json, id: number | undefined, top: number): ChosenLogprob {
  const { top_logprobs: list, top_probs } = told
  const likeliest = Array.isArray(list) ? list : Array.isArray(top_probs) ? top_probs : []
  return {
    ...entry(told, id),
    top: likeliest
      .slice(0, top)
      .filter(isObject)
      .map(likely => entry(likely, undefined)),
  }
}

function entry(told: Json, id: number | undefined) {
  const { bytes } = told
  const named = one(textIn(told, 'token') ?? '', told.logprob, id ?? countIn(told, 'id'))
  return Array.isArray(bytes) ? Object.assign(named, { bytes: bytes as readonly number[] }) : named
}

function one(token: string, logprob: unknown, id = UNKNOWN_TOKEN) {
  return {
    id,
    token,
    bytes: [...Buffer.from(token)] as readonly number[],
    logprob: typeof logprob === 'number' ? logprob : -9999,
  }
}
