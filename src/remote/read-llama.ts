import type { Answer } from './answer.ts'
import { describe, readTimings, reasonOf } from './read-openai.ts'
import { countIn, isObject, type Json, objectIn, textIn } from './reply.ts'

/** Reads an event of a stream, or a whole answer, of llama.cpp's own `/completion`; several answers come as a list. */
export function readLlama(json: Json, answer: Answer, topLogprobs: number): void {
  if (Array.isArray(json)) for (const one of json) if (isObject(one)) readOne(one, answer, topLogprobs)
  if (!Array.isArray(json)) readOne(json, answer, topLogprobs)
}

function readOne(json: Json, answer: Answer, topLogprobs: number): void {
  const { content, tokens, stop, index, completion_probabilities: likelihoods } = json
  const choice = typeof index === 'number' ? index : 0
  answer.take(
    choice,
    typeof content === 'string' ? content : '',
    Array.isArray(tokens) && (tokens.length > 0 || content === '') ? tokens : undefined,
    Array.isArray(likelihoods)
      ? likelihoods.filter(isObject).map(one => describe(one, undefined, topLogprobs))
      : undefined,
  )
  if (stop !== true) return
  const timings = objectIn(json, 'timings')
  const prompt = countIn(json, 'tokens_evaluated')
  answer.count(prompt, cachedOf(prompt, timings))
  answer.add(countIn(json, 'tokens_predicted'))
  if (timings) readTimings(timings, answer)
  if (isObject(json.timeline)) answer.tell(json.timeline as never)
  const word = textIn(json, 'stopping_word')
  answer.finish(choice, reasonOf(textIn(json, 'stop_type') ?? ''), word === '' ? undefined : word)
}

/** `tokens_cached` is what the slot holds at the end; what was found there is what did not have to be processed. */
function cachedOf(prompt: number | undefined, timings: Json | undefined): number | undefined {
  const processed = countIn(timings, 'prompt_n')
  return (
    countIn(timings, 'cache_n') ??
    (prompt === undefined || processed === undefined ? undefined : Math.max(0, prompt - processed))
  )
}
