import type { Input } from '../../engine/index.ts'
import type { Segment } from './segment.ts'

/** Writes prompts of given lengths. */
export interface Writer {
  /** Tokens that every prompt has beside its segments: what the template and the tokenizer add… */
  readonly fixed: number
  /** …and how many of these stand before them. */
  readonly leading: number
  /** Whether a prompt has exactly as many tokens as its segments and what is `fixed`. */
  readonly exact: boolean
  /** What a dialogue begins with. */
  write(segments: readonly Segment[]): Input
  /** The same dialogue with its answer and what is asked next; undefined where a dialogue cannot go on. */
  readonly goOn?: (before: Input, answer: string, segments: readonly Segment[]) => Input
}
