import { SLACK } from './slack.ts'

/** One thing to measure: so many sequences that already hold `depth` tokens process `tokens` more. */
export interface EngineWork {
  /** `prompt`: all of them at once, until the first token is drawn. `generate`: one after another. */
  readonly kind: 'prompt' | 'generate'
  readonly batch: number
  readonly depth: number
  readonly tokens: number
}

export interface WorkLists {
  /** Lengths of prompts to process; as `-p` of llama-bench. */
  readonly prompts: readonly number[]
  /** Lengths of answers to generate; as its `-n`. */
  readonly answers: readonly number[]
  readonly depths: readonly number[]
  readonly batches: readonly number[]
}

/** Every combination, prompts first. A length of 0 asks for none. */
export function worksOf({ prompts, answers, depths, batches }: WorkLists): readonly EngineWork[] {
  const kinds = [
    ...prompts.map(tokens => ({ kind: 'prompt', tokens }) as const),
    ...answers.map(tokens => ({ kind: 'generate', tokens }) as const),
  ].filter(({ tokens }) => tokens > 0)
  return kinds.flatMap(each => depths.flatMap(depth => batches.map(batch => ({ ...each, depth, batch }))))
}

/** As llama-bench names its tests: `pp512`, `tg128 @ d2048`. */
export function nameOf({ kind, tokens, depth }: EngineWork): string {
  return `${kind === 'prompt' ? 'pp' : 'tg'}${tokens}${depth > 0 ? ` @ d${depth}` : ''}`
}

/** Positions that the longest sequence of the work has in the end. */
export function contextOf({ tokens, depth }: EngineWork): number {
  return Math.max(1, depth) + tokens + 1 + SLACK
}
