import { expect, it } from 'vitest'
import { largestError } from './check.ts'

it.each<[got: readonly number[], want: readonly number[] | undefined, scale: number, error: number]>([
  [[1, 2], [1, 2], 0, 0],
  // Of the value's own magnitude…
  [[0, 4], [0, 5], 0, 0.2],
  // …or of what is usual: √((9 + 16 + 0)/3)
  [[3, 4, 0.5], [3, 4, 0], 0, 0.5 / Math.sqrt(25 / 3)],
  [[0.01], [0.02], 1, 0.01],
  [[Number.NaN, 2], [1, 2], 0, Number.POSITIVE_INFINITY],
  [[Number.POSITIVE_INFINITY], [1], 0, Number.POSITIVE_INFINITY],
  [[1], [1, 2], 0, Number.POSITIVE_INFINITY],
  [[1], undefined, 0, Number.POSITIVE_INFINITY],
])('%j for %j', (got, want, scale, error) => {
  expect(largestError(got, want, scale)).toBeCloseTo(error, 12)
})
