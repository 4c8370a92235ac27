import fc from 'fast-check'
import { expect, it } from 'vitest'
import { mergeSymbols } from './bpe.ts'
import { MergeTable } from './merge-table.ts'
import { type Merge, TokenReach } from './token-reach.ts'

/** Symbols 0…3, and merges of any two tokens that there are by then; written in any order, the rank being the place. */
const model = fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 40 }).chain(choices => {
  const lengths = [1, 1, 1, 1]
  const merges = new Map<string, Merge>()
  for (const [a, b] of choices) {
    const [left, right] = [a % lengths.length, b % lengths.length]
    const length = lengths[left]! + lengths[right]!
    if (length > 64 || merges.has(`${left} ${right}`)) continue
    merges.set(`${left} ${right}`, { left, right, result: lengths.push(length) - 1, length })
  }
  const all = [...merges.values()]
  return fc.shuffledSubarray(all, { minLength: all.length })
})

it('never tells of more tokens than the merges leave', () => {
  fc.assert(
    fc.property(model, fc.array(fc.nat(3), { maxLength: 80 }), (merges, word) => {
      const reach = new TokenReach(merges, 4 + merges.length)
      const symbols = Int32Array.from(word)
      const least = reach.leastTokens(symbols, word.length)
      const table = new MergeTable(
        merges.map(({ left, right }) => [left, right]),
        Int32Array.from(merges, ({ result }) => result),
      )
      expect(least).toBeLessThanOrEqual(mergeSymbols(symbols, word.length, table))
    }),
    { numRuns: 1000 },
  )
})

it('counts a symbol by the longest token that it is part of, however it comes there', () => {
  const merges = [
    { left: 0, right: 1, result: 3, length: 2 },
    { left: 3, right: 3, result: 4, length: 4 },
  ]
  const reach = new TokenReach(merges, 5)
  expect(reach.leastTokens(Int32Array.of(0, 1, 0, 1), 4)).toBe(1)
  expect(reach.leastTokens(Int32Array.of(2, 2, 2), 3)).toBe(3)
  expect(reach.leastTokens(Int32Array.of(0, 0, 0, 0, 0), 5)).toBe(2)
})
