import type { MergeTable } from './merge-table.ts'
import { RankHeap } from './rank-heap.ts'

/** Up to this many symbols a scan over all pairs beats a heap. */
const SHORT = 24

/**
 * Merges a word's symbols in place, always the pair of lowest rank and among equals the leftmost, until none merges.
 * Returns how many of the first symbols are left.
 *
 * Source: Sennrich et al. 2016 (arXiv:1508.07909); ties as in huggingface/tokenizers, `Word::merge_all`.
 */
export function mergeSymbols(symbols: Int32Array, length: number, merges: MergeTable): number {
  return length <= SHORT ? mergeShort(symbols, length, merges) : mergeLong(symbols, length, merges)
}

/** `ranks[i]` is that of the pair (i, i + 1). */
const ranks = new Int32Array(SHORT)

/** O(n²) in the worst case, without any allocation. */
function mergeShort(symbols: Int32Array, length: number, merges: MergeTable): number {
  for (let i = 0; i + 1 < length; i++) ranks[i] = merges.rank(symbols[i]!, symbols[i + 1]!)
  for (;;) {
    let best = -1
    let bestRank = 0x7fffffff
    for (let i = 0; i + 1 < length; i++) {
      const rank = ranks[i]!
      if (rank >= 0 && rank < bestRank) {
        best = i
        bestRank = rank
      }
    }
    if (best < 0) return length
    symbols[best] = merges.results[bestRank]!
    symbols.copyWithin(best + 1, best + 2, length)
    ranks.copyWithin(best, best + 1, length - 1)
    length--
    if (best > 0) ranks[best - 1] = merges.rank(symbols[best - 1]!, symbols[best]!)
    if (best + 1 < length) ranks[best] = merges.rank(symbols[best]!, symbols[best + 1]!)
  }
}

/** O(n log n): a linked list of symbols, and a heap of pairs in which those that changed since are passed over. */
function mergeLong(symbols: Int32Array, length: number, merges: MergeTable): number {
  const next = new Int32Array(length)
  const previous = new Int32Array(length)
  const heap = new RankHeap(length)
  const consider = (left: number) => {
    if (left < 0 || next[left]! >= length) return
    const rank = merges.rank(symbols[left]!, symbols[next[left]!]!)
    if (rank >= 0) heap.push(rank, left)
  }
  for (let i = 0; i < length; i++) {
    next[i] = i + 1
    previous[i] = i - 1
  }
  for (let i = 0; i < length; i++) consider(i)

  while (heap.pop()) {
    const { rank, place: left } = heap
    const right = next[left]!
    // A symbol that was merged away is −1, which no merge has: one comparison finds every pair that is no more.
    if (right >= length || merges.rank(symbols[left]!, symbols[right]!) !== rank) continue
    symbols[left] = merges.results[rank]!
    symbols[right] = -1
    const after = next[right]!
    next[left] = after
    if (after < length) previous[after] = left
    consider(previous[left]!)
    consider(left)
  }

  let kept = 0
  for (let i = 0; i < length; i = next[i]!) symbols[kept++] = symbols[i]!
  return kept
}
