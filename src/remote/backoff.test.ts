import { expect, test } from 'vitest'
import { backoffMs } from './backoff.ts'

test.each([
  [0, undefined, 0.5, 250],
  [1, undefined, 0.5, 500],
  [2, undefined, 0, 750],
  [2, undefined, 1, 1250],
  [20, undefined, 0.5, 8000],
  [3, 400, 0.5, 400],
  [0, 60_000, 0.5, 8000],
])('retry %d, told %j ms, by chance %d: %d ms', (retry, told, chance, ms) => {
  expect(backoffMs(retry, told, () => chance)).toBe(ms)
})
