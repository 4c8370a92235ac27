/** A stretch of a prompt. Those of one stream say the same as far as both go, those of different streams nothing alike. */
export interface Segment {
  readonly stream: number
  readonly tokens: number
}

/** Kinds of streams, so that none meets another; 0 and 1 are for what is no prompt. */
const KINDS = 8

export const STREAM = {
  lengths: (index: number) => index * KINDS + 2,
  /** What only this turn of this dialogue says. */
  own: (index: number, turn: number) => (index * 4096 + turn) * KINDS + 3,
  prefix: (which: number) => which * KINDS + 4,
  /** A block that a trace names. */
  block: (name: number) => name * KINDS + 5,
} as const
