import { post } from '../../serve/load.ts'
import { type Percentiles, percentilesOf } from './percentiles.ts'
import { Stream } from './stream.ts'

export interface Load {
  readonly streams: number
  readonly promptTokens: number
  readonly maxTokens: number
  readonly vocab: number
  /** Other prompts with each, so that none is found in the prefix cache. */
  readonly seed: number
}

/** What all streams of a round together came to. */
export interface Round {
  readonly tokensPerSecond: number
  readonly seconds: number
  readonly tokens: number
  readonly ttftMs: Percentiles
  readonly itlMs: Percentiles
  /** Events with text, for each token: less than 1 where tokens wait for each other to be whole characters. */
  readonly eventsPerToken: number
}

/** Connects first; then sends everything at once, and reads all answers to their ends. */
export async function runRound(port: number, { streams, promptTokens, maxTokens, vocab, seed }: Load): Promise<Round> {
  const random = integers(seed)
  const requests = Array.from({ length: streams }, () => {
    const prompt = Array.from({ length: promptTokens }, () => random() % vocab)
    const options = { max_tokens: maxTokens, temperature: 0, ignore_eos: true }
    return post('/v1/completions', { prompt, ...options, stream: true, stream_options: { include_usage: true } })
  })
  const all = await Promise.all(requests.map(() => Stream.connect(port)))
  const start = performance.now()
  await Promise.all(all.map((stream, i) => stream.run(requests[i]!)))
  const last = Math.max(...all.map(({ times }) => times.at(-1)!))
  const tokens = all.reduce((sum, stream) => sum + stream.completionTokens, 0)
  if (tokens !== streams * maxTokens) throw new Error(`${tokens} tokens came of ${streams * maxTokens}`)
  const gaps = all.flatMap(({ times }) => times.slice(1).map((time, i) => time - times[i]!))
  const seconds = (last - start) / 1000
  return {
    tokensPerSecond: tokens / seconds,
    seconds,
    tokens,
    ttftMs: percentilesOf(all.map(({ times, sentAt }) => times[0]! - sentAt)),
    itlMs: percentilesOf(gaps),
    eventsPerToken: all.reduce((sum, { times }) => sum + times.length, 0) / tokens,
  }
}

/** mulberry32's state, mixed: the same numbers for a seed, on every machine. */
function integers(seed: number): () => number {
  let state = Math.imul(seed + 1, 0x9e3779b1)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}
