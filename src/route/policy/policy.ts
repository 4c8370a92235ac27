import type { Candidate } from '../upstream.ts'

export const POLICY_NAMES = ['round-robin', 'least-loaded', 'power-of-two', 'prefix', 'session'] as const
export type PolicyName = (typeof POLICY_NAMES)[number]

/** What a choice may depend on of a request. */
export interface Ask {
  /** Chained hashes of the prompt's full blocks, the first block's first; of an unknown vocabulary one, of its beginning. */
  readonly blocks: readonly number[]
  readonly session: string | undefined
  /** Of the prompt; estimated where its vocabulary is unknown. */
  readonly promptTokens: number
}

/** Chooses one of several engines. Pure: it knows of time and chance what it is given. */
export interface Policy {
  readonly name: PolicyName
  /** One of `candidates`, of which there is at least one, and why, in a word for metrics and traces, e.g. `prefix`, `load`. */
  choose(candidates: readonly Candidate[], ask: Ask, random: () => number): Choice
  /** The request was sent there, so its prompt will be in that engine's cache. */
  sent?(name: string, ask: Ask): void
  /** The engine is gone, or came back empty: nothing is remembered of it. */
  forget?(name: string): void
}

export interface Choice {
  readonly candidate: Candidate
  readonly reason: string
}
