import type { Answer } from './answer.ts'
import { describe } from './read-logprobs.ts'
import { reasonOf } from './read-openai.ts'
import { readTimings, timelineOf } from './read-timings.ts'
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
  // `tokens_cached` is what the slot holds at the end, and tells nothing of the prompt.
  answer.count(countIn(json, 'tokens_evaluated'), undefined)
  answer.add(countIn(json, 'tokens_predicted'))
  if (timings) readTimings(timings, answer)
  answer.tell(timelineOf(json.timeline))
  const word = textIn(json, 'stopping_word')
  answer.finish(choice, reasonOf(textIn(json, 'stop_type') ?? ''), word === '' ? undefined : word)
}
