import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergeSymbols } from './bpe.ts'
import { MergeTable } from './merge-table.ts'

/** The definition, word for word. */
function mergeSlowly(symbols: readonly number[], merges: MergeTable): number[] {
  const word = [...symbols]
  for (;;) {
    const ranks = word.slice(1).map((right, i) => merges.rank(word[i]!, right))
    const best = Math.min(...ranks.filter(rank => rank >= 0), Infinity)
    if (best === Infinity) return word
    word.splice(ranks.indexOf(best), 2, merges.results[best]!)
  }
}

/** Symbols 0…3 and merges of any two that there are by then. */
const model = fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 40 }).map(choices => {
  const seen = new Set<string>()
  const pairs: [number, number][] = []
  for (const [a, b] of choices) {
    const pair: [number, number] = [a % (4 + pairs.length), b % (4 + pairs.length)]
    if (!seen.has(String(pair))) pairs.push(pair)
    seen.add(String(pair))
  }
  return new MergeTable(
    pairs,
    Int32Array.from(pairs, (_, i) => 4 + i),
  )
})

describe('mergeSymbols', () => {
  it('merges as the definition says, whatever the length', () => {
    fc.assert(
      fc.property(model, fc.array(fc.nat(3), { maxLength: 80 }), (merges, word) => {
        const symbols = Int32Array.from(word)
        const length = mergeSymbols(symbols, symbols.length, merges)
        expect([...symbols.subarray(0, length)]).toEqual(mergeSlowly(word, merges))
      }),
      { numRuns: 500 },
    )
  })

  it('takes no square time: 200 000 symbols that all merge', () => {
    const pairs = Array.from({ length: 17 }, (_, i) => [i, i] as const)
    const merges = new MergeTable(
      pairs,
      Int32Array.from(pairs, (_, i) => i + 1),
    )
    const symbols = new Int32Array(200_000)
    const start = performance.now()
    expect(mergeSymbols(symbols, symbols.length, merges)).toBeLessThan(10)
    expect(performance.now() - start).toBeLessThan(2000)
  })
})

describe('MergeTable', () => {
  it('knows its pairs and no others', () => {
    const pairs = Array.from({ length: 5000 }, (_, i) => [i * 7, i * 13 + 1] as const)
    const merges = new MergeTable(pairs, new Int32Array(5000))
    pairs.forEach(([left, right], rank) => {
      expect(merges.rank(left, right)).toBe(rank)
      expect(merges.rank(right, left)).toBe(-1)
    })
    expect(new MergeTable([], new Int32Array()).rank(1, 2)).toBe(-1)
  })
})
