import type { PrefixNode } from './kv/prefix-index.ts'

export type SequenceStatus = 'waiting' | 'running' | 'finished'

/**
 * One answer in the making: its tokens, and how far the model has come with them.
 *
 * There is no phase. `computed` tokens have their keys and values in the cache; the rest are still to be processed:
 * all of a fresh prompt, what a chunk left over, everything after a preemption, or the one token drawn last.
 */
export class Sequence {
  status: SequenceStatus = 'waiting'
  /** Prompt, then output. */
  readonly tokens: number[]
  readonly promptLength: number
  computed = 0
  /** KV blocks in order of position. */
  readonly blocks: number[] = []
  /** Nodes of the leading blocks that are full and findable; at most as many as `blocks`. */
  readonly nodes: PrefixNode[] = []
  /** Prompt tokens found in the prefix cache at the first admission. */
  cachedAtStart: number | undefined
  preemptions = 0
  /** Its reader does not read: no step works on it. */
  paused = false

  constructor(
    prompt: readonly number[],
    /** Lower runs earlier. */
    readonly priority: number,
    /** Breaks ties between equal priorities; unique, ascending. */
    readonly arrival: number,
    /** Prefixes are shared only where this is equal. */
    readonly cacheSalt = '',
  ) {
    this.tokens = [...prompt]
    this.promptLength = prompt.length
  }

  /** Tokens that the model has not processed yet. */
  get pending(): number {
    return this.tokens.length - this.computed
  }

  get outputLength(): number {
    return this.tokens.length - this.promptLength
  }
}

/** Who goes first: lower priority number, then earlier arrival. A total order. */
export function compareSequences(a: Sequence, b: Sequence): number {
  return a.priority - b.priority || a.arrival - b.arrival
}
