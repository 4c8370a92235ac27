import type { PrefixNode } from './kv/prefix-index.ts'

export type SequenceStatus = 'waiting' | 'running' | 'finished'

/**
 * One answer in the making: its tokens, and how far the model has come with them.
 *
 * There is no phase. `computed` tokens have their keys and values in the cache; the rest are still to be processed:
 * all of a fresh prompt, what a chunk left over, everything after a preemption, or the one token drawn last, which
 * need not be known for that.
 */
export class Sequence {
  status: SequenceStatus = 'waiting'
  /** Prompt, then output. */
  readonly tokens: number[]
  readonly promptLength: number
  /** Positions that the model has processed, or will have when the steps in flight are over. */
  computed = 0
  /** Tokens after {@link tokens} that steps in flight draw: those that the host does not know yet. */
  unknown = 0
  /** The row of the last step enqueued that draws the last unknown one. */
  drawnBy = 0
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
    /** Tokens at which it is over, whatever they are. */
    readonly maxLength = Number.POSITIVE_INFINITY,
  ) {
    this.tokens = [...prompt]
    this.promptLength = prompt.length
  }

  /** Its tokens, unknown ones included. */
  get length(): number {
    return this.tokens.length + this.unknown
  }

  /** Tokens that the model has not processed yet. */
  get pending(): number {
    return this.length - this.computed
  }

  /** Whether the step in flight draws its last token: nothing is left to compute. */
  get ending(): boolean {
    return this.unknown > 0 && this.length >= this.maxLength
  }

  /** Known tokens of the output. */
  get outputLength(): number {
    return this.tokens.length - this.promptLength
  }
}

/** Who goes first: lower priority number, then earlier arrival. A total order. */
export function compareSequences(a: Sequence, b: Sequence): number {
  return a.priority - b.priority || a.arrival - b.arrival
}
