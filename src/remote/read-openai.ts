import type { FinishReason } from '../engine/index.ts'
import type { Answer } from './answer.ts'
import { logprobsOf } from './read-logprobs.ts'
import { readTimings, timelineOf } from './read-timings.ts'
import { countIn, isObject, type Json, objectIn } from './reply.ts'

/** Reads a chunk of a stream, or a whole answer, of chat or of completions: they say the same in other places. */
export function readOpenAi(json: Json, answer: Answer, topLogprobs: number): void {
  const { choices } = json
  readUsage(json, answer)
  if (!Array.isArray(choices)) return
  for (const choice of choices) if (isObject(choice)) readChoice(choice, json, answer, topLogprobs)
}

function readChoice(choice: Json, { prompt_token_ids: promptIds }: Json, answer: Answer, top: number): void {
  const { delta, message, text, logprobs, finish_reason: reason, prompt_token_ids = promptIds } = choice
  const ids = Array.isArray(choice.token_ids) ? choice.token_ids : undefined
  const index = typeof choice.index === 'number' ? choice.index : 0
  const said = (delta ?? message) as Json | undefined
  const content = typeof text === 'string' ? text : isObject(said) ? contentOf(said) : ''
  if (Array.isArray(prompt_token_ids)) answer.prompt(prompt_token_ids)
  answer.take(index, content, ids, isObject(logprobs) ? logprobsOf(logprobs, ids, top) : undefined)
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
  if (timeline !== undefined) answer.tell(timelineOf(timeline))
}
