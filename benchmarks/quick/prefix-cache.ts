import { collect, type Engine } from '../../src/engine/index.ts'

const PROMPT_TOKENS = 400
const ROUNDS = 5

/** Milliseconds to the first token of a 400-token prompt, seen for the first time and again: medians of five prompts. */
export async function prefixCache(engine: Engine): Promise<{ cold: number; warm: number }> {
  const cold: number[] = []
  const warm: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    cold.push(await firstToken(engine, round))
    warm.push(await firstToken(engine, round))
  }
  return { cold: median(cold), warm: median(warm) }
}

async function firstToken(engine: Engine, round: number): Promise<number> {
  // Each round's prompt differs from its first token on.
  const tokens = Array.from({ length: PROMPT_TOKENS }, (_, i) => 300 + ((i * 31 + round * 97) % 700))
  const { done } = await collect(engine.generate({ input: { tokens }, sampling: { maxTokens: 1, ignoreEos: true } }))
  return done.timings.queuedMs + done.timings.prefillMs
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}
