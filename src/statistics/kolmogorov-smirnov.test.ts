import { expect, test } from 'vitest'
import { kolmogorovSmirnov, Random } from './index.ts'

test('the distance is the greatest one, on either side of a step', () => {
  expect(kolmogorovSmirnov([0.5], x => x).distance).toBe(0.5)
  expect(kolmogorovSmirnov([0.1, 0.2, 0.9], x => x).distance).toBeCloseTo(2 / 3 - 0.2, 12)
  expect(kolmogorovSmirnov([0.8, 0.9], x => x).distance).toBeCloseTo(0.8, 12)
  expect(kolmogorovSmirnov([], x => x)).toEqual({ distance: 0, p: 1 })
})

test('its likelihood is as in the tables: 5 % at 1.358 / √n', () => {
  const n = 10_000
  const shifted = Float64Array.from({ length: n }, (_, i) => Math.min(1, (i + 0.5) / n + 1.358 / Math.sqrt(n)))
  expect(kolmogorovSmirnov(shifted, x => x).p).toBeCloseTo(0.05, 2)
})

test('what fits is refused as often as it should be, what does not fit is refused', () => {
  const tries = Array.from({ length: 400 }, (_, seed) => {
    const random = new Random(seed)
    const values = Float64Array.from({ length: 60 }, () => random.next())
    return { right: kolmogorovSmirnov(values, x => x).p, wrong: kolmogorovSmirnov(values, x => x * x).p }
  })
  const refused = tries.filter(({ right }) => right < 0.1).length
  expect(refused).toBeGreaterThan(20)
  expect(refused).toBeLessThan(60)
  expect(tries.filter(({ wrong }) => wrong < 0.05).length).toBeGreaterThan(320)
})
