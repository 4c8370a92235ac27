import type { Timeline } from '../engine/index.ts'
import type { Answer } from './answer.ts'
import { countIn, isObject, type Json } from './reply.ts'

/** Servers that do not tell what lay in the cache tell how much of the prompt did not. */
function cachedOf(timings: Json, promptTokens: number): number | undefined {
  const processed = countIn(timings, 'prompt_n')
  return countIn(timings, 'cache_n') ?? (processed === undefined ? undefined : Math.max(0, promptTokens - processed))
}

/** llama.cpp's. */
export function readTimings(timings: Json, answer: Answer): void {
  answer.time(undefined, countIn(timings, 'prompt_ms'), countIn(timings, 'predicted_ms'))
  answer.count(undefined, cachedOf(timings, answer.usage.promptTokens))
}

/** Our own server's `Server-Timing`, in ms; of a stream it comes before that is known. */
export function queuedMsOf(header: string | undefined): number | undefined {
  const [, ms] = /\bqueue;dur=([\d.]+)/.exec(header ?? '') ?? []
  return ms === undefined ? undefined : Number(ms)
}

const MOMENTS = ['queuedAt', 'admittedAt', 'startedAt', 'endedAt'] as const

/** Our own server's; undefined where it is not what it should be. */
export function timelineOf(told: unknown): Timeline | undefined {
  if (!isObject(told)) return undefined
  const { tokensAt, tokens } = told
  const isWhole = MOMENTS.every(name => typeof told[name] === 'number') && areNumbers(tokensAt) && areNumbers(tokens)
  return isWhole ? (told as unknown as Timeline) : undefined
}

function areNumbers(list: unknown): boolean {
  return Array.isArray(list) && list.every(one => typeof one === 'number')
}
