/** A merge as {@link TokenReach} sees it: which two tokens become which, and how many UTF-16 units name that. */
export interface Merge {
  readonly left: number
  readonly right: number
  readonly result: number
  readonly length: number
}

/** Keeps what rounding adds to a sum below a whole token. */
const ROUNDING = 1e-6

/**
 * The fewest tokens that symbols can become, without merging them. The reach of a symbol is the length of the longest
 * token that it is ever part of; a token of k symbols then takes at most k × 1/k of the sum of 1/reach.
 */
export class TokenReach {
  /** 1/reach of each id. */
  readonly #shares: Float64Array

  constructor(merges: readonly Merge[], ids: number) {
    const byLength: Merge[][] = []
    for (const merge of merges) {
      byLength[merge.length] ??= []
      byLength[merge.length]!.push(merge)
    }
    // No symbol's name is empty: a token has at most as many symbols as its name has units.
    const reach = new Int32Array(ids).fill(1)
    // What a token is part of is longer, and therefore done.
    for (const group of byLength.reverse())
      for (const { left, right, result, length } of group ?? []) {
        reach[result] = Math.max(reach[result]!, length)
        reach[left] = Math.max(reach[left]!, reach[result]!)
        reach[right] = Math.max(reach[right]!, reach[result]!)
      }
    this.#shares = Float64Array.from(reach, length => 1 / length)
  }

  leastTokens(symbols: Int32Array, length: number): number {
    let sum = 0
    for (let i = 0; i < length; i++) sum += this.#shares[symbols[i]!]!
    return Math.ceil(sum - ROUNDING)
  }
}
