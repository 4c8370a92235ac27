import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { candidates } from './candidates.ts'
import { philox, sequenceKey, uniform } from './philox.ts'
import type { RowSampling } from './row.ts'
import { NONE, sampleRow } from './sample-row.ts'

const ROW: RowSampling = {
  temperature: 1,
  topK: 0,
  topP: 1,
  minP: 0,
  repetitionPenalty: 1,
  presencePenalty: 0,
  frequencyPenalty: 0,
  bias: [],
  banned: [],
  key: sequenceKey(42, 0),
  position: 0,
  seen: new Set(),
  counts: new Map(),
  topLogprobs: -1,
}
const GREEDY = { ...ROW, temperature: 0 }
const ALL = { temperature: 1, topK: 0, topP: 1, minP: 0 }
const logits = (...values: number[]) => Float32Array.from(values)
const log = (...probabilities: number[]) => Float32Array.from(probabilities, Math.log)

describe('philox', () => {
  // The known answers that come with Random123.
  it.each([
    [
      [0, 0, 0, 0],
      [0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
      [0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ] as const)('gives the published answer for %j', (counter, key, answer) => {
    expect(philox(counter, key)).toEqual(answer)
  })

  it('spreads uniformly over positions and over seeds', () => {
    const cells = new Array<number>(20).fill(0)
    for (let i = 0; i < 10_000; i++) cells[Math.floor(uniform(sequenceKey(7, 0), i) * 20)]! += 1
    for (let i = 0; i < 10_000; i++) cells[Math.floor(uniform(sequenceKey(i, 1), 3) * 20)]! += 1
    const chiSquare = cells.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
    // 99.9 % of a chi-square with 19 degrees of freedom; the draws are fixed, so this holds or it does not.
    expect(chiSquare).toBeLessThan(43.8)
  })
})

describe('sampleRow', () => {
  it.each([
    ['greedy takes the likeliest', logits(1, 3, 2), {}, 1],
    ['the lower id of equals', logits(3, 3), {}, 0],
    ['a bias lifts', logits(1, 3, 2), { bias: [[2, 5]] as const }, 2],
    ['a ban removes', logits(1, 3, 2), { banned: [1] }, 2],
    ['repetition divides a positive logit', logits(2, 3), { repetitionPenalty: 2, seen: new Set([1]) }, 0],
    ['repetition multiplies a negative logit', logits(-3, -2), { repetitionPenalty: 2, seen: new Set([1]) }, 0],
    ['presence counts once', logits(2, 3), { presencePenalty: 1.5, counts: new Map([[1, 9]]) }, 0],
    ['presence is not enough', logits(2, 3), { presencePenalty: 0.5, counts: new Map([[1, 9]]) }, 1],
    ['frequency counts each', logits(2, 3), { frequencyPenalty: 0.5, counts: new Map([[1, 9]]) }, 0],
    ['numbers win over NaN', logits(Number.NaN, -5), {}, 1],
    ['nothing can be chosen', logits(Number.NaN, Number.NaN), {}, NONE],
    ['all are banned', logits(1, 2), { banned: [0, 1] }, NONE],
  ])('%s', (_, row, options, id) => {
    expect(sampleRow(row, { ...GREEDY, ...options }).id).toBe(id)
  })

  it('chooses nothing from rows without a number when it draws, too', () => {
    expect(sampleRow(logits(Number.NaN, Number.NaN), ROW).id).toBe(NONE)
    expect(sampleRow(logits(Number.NEGATIVE_INFINITY), { ...ROW, topP: 0.5, topK: 1 }).id).toBe(NONE)
  })

  it.each([
    ['top-k 1', { topK: 1 }, 1],
    ['top-k beyond the numbers', { topK: 3, banned: [2] }, 1],
    ['top-p', { topP: 0.5 }, 1],
    ['min-p', { minP: 0.9 }, 1],
  ])('draws numbers, never NaN: %s', (_, options, id) => {
    const row = logits(Number.NaN, 9, 1, Number.NaN)
    expect(sampleRow(row, { ...ROW, ...options }).id).toBe(id)
  })

  it('cuts a large row by its numbers', () => {
    const row = Float32Array.from({ length: 4096 }, (_, i) => (i % 2 === 0 ? Number.NaN : i / 512))
    expect([...candidates(row, { ...ALL, topK: 2 }).ids]).toEqual([4093, 4095])
    expect(candidates(row, { ...ALL, topK: 3000 }).ids.length).toBe(2048)
  })

  it('draws the infinite where there is one', () => {
    const row = logits(1, Number.POSITIVE_INFINITY, 2)
    expect(sampleRow(row, { ...ROW, topLogprobs: 1 })).toEqual({ id: 1, logprob: 0, top: [[1, 0]] })
  })

  it('leaves NaN out of log-probabilities', () => {
    const { logprob, top } = sampleRow(logits(Number.NaN, 1, 1), { ...GREEDY, topLogprobs: 3 })
    expect(logprob).toBeCloseTo(Math.log(0.5), 12)
    expect(top.map(([id]) => id)).toEqual([1, 2])
  })

  it('draws with the probabilities of the distribution', () => {
    const row = log(0.5, 0.25, 0.125, 0.125)
    const counts = [0, 0, 0, 0]
    for (let position = 0; position < 8000; position++) counts[sampleRow(row, { ...ROW, position }).id]! += 1
    const chiSquare = [4000, 2000, 1000, 1000].reduce((sum, due, i) => sum + (counts[i]! - due) ** 2 / due, 0)
    expect(chiSquare).toBeLessThan(16.3)
  })

  it('reports log-probabilities of the untouched distribution', () => {
    const row = log(0.5, 0.25, 0.125, 0.125)
    const sampled = sampleRow(row, { ...GREEDY, banned: [0], topLogprobs: 2 })
    expect(sampled.id).toBe(1)
    expect(Math.exp(sampled.logprob)).toBeCloseTo(0.25, 6)
    expect(sampled.top.map(([id]) => id)).toEqual([0, 1])
    expect(Math.exp(sampled.top[0]![1])).toBeCloseTo(0.5, 6)
  })

  it('leaves the logits as they were', () => {
    const row = logits(1, 2, 3)
    sampleRow(row, { ...ROW, bias: [[0, 1]], topK: 2, topP: 0.9 })
    expect([...row]).toEqual([1, 2, 3])
  })
})

describe('candidates', () => {
  const row = log(0.4, 0.1, 0.3, 0.2)
  it.each([
    ['all', ALL, [0, 1, 2, 3]],
    ['top-k 2', { ...ALL, topK: 2 }, [0, 2]],
    ['top-k beyond the vocabulary', { ...ALL, topK: 99 }, [0, 1, 2, 3]],
    ['top-p 0.4: the first reaches it', { ...ALL, topP: 0.39 }, [0]],
    ['top-p 0.69', { ...ALL, topP: 0.69 }, [0, 2]],
    ['top-p after top-k works on what is left', { ...ALL, topK: 2, topP: 0.5 }, [0]],
    ['min-p just under half of the likeliest', { ...ALL, minP: 0.49 }, [0, 2, 3]],
    ['the least top-p keeps one', { ...ALL, topP: 1e-9 }, [0]],
  ])('%s', (_, truncation, ids) => {
    expect([...candidates(row, truncation).ids]).toEqual(ids)
  })

  it('breaks ties of the nucleus by id', () => {
    expect([...candidates(log(0.25, 0.25, 0.25, 0.25), { ...ALL, topP: 0.6 }).ids]).toEqual([0, 1, 2])
  })

  it('agrees with the definition by sorting', () => {
    const rows = fc.array(fc.integer({ min: -40, max: 40 }), { minLength: 1, maxLength: 300 })
    const truncations = fc.record({
      temperature: fc.constantFrom(0.5, 1, 2),
      topK: fc.integer({ min: 0, max: 40 }),
      topP: fc.constantFrom(1, 0.95, 0.5, 0.1),
      minP: fc.constantFrom(0, 0.05, 0.5),
    })
    fc.assert(
      fc.property(rows, truncations, (values, truncation) => {
        const row = Float32Array.from(values, value => value / 8)
        expect([...candidates(row, truncation).ids]).toEqual(bySorting(row, truncation))
      }),
      { numRuns: 500 },
    )
  })
})

/** The textbook way: sort everything, cut, cut, cut. */
function bySorting(row: Float32Array, { temperature, topK, topP, minP }: typeof ALL): number[] {
  let kept = [...row.keys()].sort((a, b) => row[b]! - row[a]! || a - b)
  if (topK > 0 && topK < kept.length) {
    const least = row[kept[topK - 1]!]!
    kept = kept.filter(id => row[id]! >= least)
  }
  const weight = (id: number) => Math.exp((row[id]! - row[kept[0]!]!) / temperature)
  if (topP < 1) {
    const total = kept.reduce((sum, id) => sum + weight(id), 0)
    let sum = 0
    kept = kept.filter(id => {
      const before = sum
      sum += weight(id)
      return before < topP * total
    })
  }
  return kept.filter(id => weight(id) >= minP).sort((a, b) => a - b)
}
