import { expect, test } from 'vitest'
import { Histogram, percentile } from './index.ts'

test('a percentile lies within its bucket in proportion', () => {
  const histogram = new Histogram([10, 20, 40])
  for (const value of [5, 15, 15, 15]) histogram.record(value)
  const snapshot = histogram.snapshot()
  expect(percentile(snapshot, 0.25)).toBe(10)
  expect(percentile(snapshot, 0.625)).toBe(15)
  expect(percentile(snapshot, 1)).toBe(20)
})

test('above all bounds it is the last; of nothing it is not a number', () => {
  const histogram = new Histogram([10])
  expect(percentile(histogram.snapshot(), 0.5)).toBeNaN()
  histogram.record(11)
  expect(percentile(histogram.snapshot(), 0.5)).toBe(10)
})
