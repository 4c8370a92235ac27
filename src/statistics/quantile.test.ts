import { expect, test } from 'vitest'
import { deviation, mean, quantile, sum } from './index.ts'

// numpy.percentile([15, 20, 35, 40, 50], …) and statistics.stdev.
test.each([
  [0, 15],
  [0.05, 16],
  [0.3, 23],
  [0.4, 29],
  [0.5, 35],
  [0.99, 49.6],
  [1, 50],
])('the quantile %d is as numpy has it', (q, value) => {
  expect(quantile([15, 20, 35, 40, 50], q)).toBeCloseTo(value, 12)
})

test('of one value every quantile is that value; of none it is no number', () => {
  expect([quantile([7], 0), quantile([7], 0.99), quantile([7], 1)]).toEqual([7, 7, 7])
  expect(quantile([], 0.5)).toBeNaN()
})

test('sums, means and deviations of a sample', () => {
  expect(sum([1, 2, 4])).toBe(7)
  expect(mean([1, 2, 6])).toBe(3)
  expect(mean([])).toBeNaN()
  expect(deviation([15, 20, 35, 40, 50])).toBeCloseTo(14.4049, 4)
  expect([deviation([3]), deviation([])]).toEqual([0, 0])
})
