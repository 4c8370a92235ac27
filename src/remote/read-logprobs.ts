import { type ChosenLogprob, UNKNOWN_TOKEN } from '../engine/index.ts'
import { countIn, isObject, type Json, textIn } from './reply.ts'

/** What vLLM says in place of −∞, which JSON has not. */
const LEAST = -9999

/** Chat lists tokens, completions have a list for each thing that is told of them. */
export function logprobsOf(told: Json, ids: readonly number[] | undefined, top: number): ChosenLogprob[] | undefined {
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
    logprob: typeof logprob === 'number' ? logprob : LEAST,
  }
}
