import { expect, test } from 'vitest'
import { mean, Random } from '../../statistics/index.ts'
import { drawLength, longestOf } from './lengths.ts'
import type { LengthSpec } from './work.ts'

const draw = (spec: LengthSpec, count = 20_000) => {
  const random = new Random(5)
  return Array.from({ length: count }, () => drawLength(spec, random))
}

test.each<[spec: LengthSpec, mean: number, least: number, most: number]>([
  [{ kind: 'fixed', tokens: 7 }, 7, 7, 7],
  [{ kind: 'fixed', tokens: 0 }, 1, 1, 1],
  [{ kind: 'uniform', min: 10, max: 19 }, 14.5, 10, 19],
  [{ kind: 'normal', mean: 500, deviation: 50, min: 400, max: 600 }, 500, 400, 600],
  // Of a half that is cut off, the mean of what is left: 0.8 deviations.
  [{ kind: 'normal', mean: 1, deviation: 100 }, 80, 1, 500],
  [{ kind: 'normal', mean: 10, deviation: 1, min: 900, max: 950 }, 900, 900, 900],
])('%j', (spec, expected, least, most) => {
  const lengths = draw(spec)
  expect(Math.abs(mean(lengths) / expected - 1)).toBeLessThan(0.02)
  expect(Math.min(...lengths)).toBeGreaterThanOrEqual(least)
  expect(Math.max(...lengths)).toBeLessThanOrEqual(most)
})

test('the longest that can come is known where it is bounded', () => {
  expect(longestOf({ kind: 'fixed', tokens: 7 })).toBe(7)
  expect(longestOf({ kind: 'uniform', min: 10, max: 19 })).toBe(19)
  expect(longestOf({ kind: 'normal', mean: 5, deviation: 1 })).toBeUndefined()
})
