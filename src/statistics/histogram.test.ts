import { expect, test } from 'vitest'
import { Histogram, logBounds } from './index.ts'

test('a value lies in the first bucket whose bound it does not exceed', () => {
  const histogram = new Histogram([1, 2, 4])
  for (const value of [0, 1, 1.5, 2, 4, 5]) histogram.record(value)
  histogram.record(3, 2)
  expect(histogram.snapshot()).toEqual({ bounds: [1, 2, 4], counts: [2, 2, 3, 1], sum: 19.5 })
})

test('a snapshot does not change with what is recorded later', () => {
  const histogram = new Histogram([1])
  const before = histogram.snapshot()
  histogram.record(1)
  expect(before.counts).toEqual([0, 0])
})

test('bounds grow by a constant factor and end where they should', () => {
  expect(logBounds(0.1, 1, 3)).toEqual([0.1, 0.22, 0.46, 1])
  expect(logBounds(1e-4, 1e-2, 1)).toEqual([1e-4, 1e-3, 1e-2])
})
