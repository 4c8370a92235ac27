import { collect, type Engine } from '../../src/engine/index.ts'

const ROUNDS = 3

/**
 * Output tokens a second of `streams` requests side by side, first tokens left out: the best of three rounds, since
 * whatever else the machine does can only slow a round down.
 */
export async function decodeRate(engine: Engine, streams: number, tokens: number): Promise<number> {
  await round(engine, streams, Math.min(tokens, 16))
  const rates: number[] = []
  for (let i = 0; i < ROUNDS; i++) rates.push(await round(engine, streams, tokens))
  return Math.max(...rates)
}

async function round(engine: Engine, streams: number, tokens: number): Promise<number> {
  const request = (i: number) => ({
    input: { text: `Stream ${i}:` },
    sampling: { maxTokens: tokens, ignoreEos: true, temperature: 0 },
  })
  const answers = await Promise.all(Array.from({ length: streams }, (_, i) => collect(engine.generate(request(i)))))
  const seconds = Math.max(...answers.map(({ done }) => done.timings.decodeMs)) / 1000
  return (streams * (tokens - 1)) / seconds
}
