import { expect, test } from 'vitest'
import { blockLength, effectiveSampleSize, mean, Random, ratioSpread } from './index.ts'

/** Each value keeps the share `rho` of the one before. */
function series(length: number, rho: number, seed: number): Float64Array {
  const random = new Random(seed)
  let value = random.normal() / Math.sqrt(1 - rho * rho)
  return Float64Array.from({ length }, () => {
    value = rho * value + random.normal()
    return value
  })
}

const ones = (length: number) => new Float64Array(length).fill(1)

test.each([
  { length: 20, rho: 0, least: 0.9 },
  { length: 200, rho: 0, least: 0.9 },
  { length: 1000, rho: 0.5, least: 0.9 },
  { length: 1000, rho: 0.9, least: 0.85 },
])('a 95 % interval holds the truth nearly as often: $length values, $rho of each kept', ({ length, rho, least }) => {
  const tries = 200
  let held = 0
  for (let seed = 0; seed < tries; seed++) {
    const values = series(length, rho, seed)
    const spread = ratioSpread(values, ones(length), { seed, resamples: 300 })!
    if (mean(values) + spread.low <= 0 && mean(values) + spread.high >= 0) held++
  }
  expect(held / tries).toBeGreaterThanOrEqual(least)
  expect(held / tries).toBeLessThan(1)
})

test('blocks that ignored neighbours would claim too much', () => {
  const values = series(1000, 0.9, 3)
  const shuffled = Float64Array.from(new Random(4).shuffle([...values]))
  expect(ratioSpread(values, ones(1000))!.error).toBeGreaterThan(2 * ratioSpread(shuffled, ones(1000))!.error)
})

test("a ratio's interval is of the ratio: what both sums share does not widen it", () => {
  const weights = series(300, 0, 5).map(value => 10 + value)
  const spread = ratioSpread(
    weights.map(weight => 2 * weight),
    weights,
  )!
  expect(spread.low).toBeCloseTo(0, 12)
  expect(spread.high).toBeCloseTo(0, 12)
})

test('the same values give the same interval', () => {
  const values = series(100, 0.3, 6)
  expect(ratioSpread(values, ones(100))).toEqual(ratioSpread(values, ones(100)))
})

test.each([
  ['nothing', new Float64Array()],
  ['four values', Float64Array.of(1, 2, 3, 4)],
])('of %s there is no interval', (_, values) => {
  expect(ratioSpread(values, ones(values.length))).toBeUndefined()
})

test('a ratio over nothing has no interval', () => {
  expect(ratioSpread(ones(50), new Float64Array(50))).toBeUndefined()
})

test('blocks grow with what neighbours have in common, between n^(1/3) and n/5', () => {
  expect(blockLength(series(1000, 0, 1))).toBe(10)
  expect(blockLength(series(1000, 0.9, 1))).toBeGreaterThan(25)
  expect(blockLength(Float64Array.from({ length: 1000 }, (_, i) => i))).toBeGreaterThan(50)
  expect(blockLength(ones(1000))).toBe(10)
  expect([0, 1, 5].map(length => blockLength(ones(length)))).toEqual([1, 1, 1])
})

test('the effective size is that of independent values as telling', () => {
  // (1 − ρ) / (1 + ρ) of them.
  expect(effectiveSampleSize(series(20_000, 0.8, 2)) / (20_000 / 9)).toBeCloseTo(1, 0)
  expect(effectiveSampleSize(series(20_000, 0, 2)) / 20_000).toBeGreaterThan(0.9)
  expect(effectiveSampleSize(ones(10))).toBe(10)
})
