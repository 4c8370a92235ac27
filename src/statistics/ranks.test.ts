import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cliffsDelta, hodgesLehmann } from './index.ts'

const ascending = fc
  .array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 30 })
  .map(values => Float64Array.from(values).sort())

const differences = (a: Float64Array, b: Float64Array) => [...b].flatMap(y => [...a].map(x => y - x))

test('the delta is the share of pairs that rise less the share that fall', () => {
  fc.assert(
    fc.property(ascending, ascending, (a, b) => {
      const signs = differences(a, b).map(Math.sign)
      expect(cliffsDelta(a, b)).toBeCloseTo(signs.reduce((sum, sign) => sum + sign, 0) / signs.length, 10)
    }),
  )
})

test('the shift is the median of all differences', () => {
  fc.assert(
    fc.property(ascending, ascending, (a, b) => {
      const all = differences(a, b).sort((x, y) => x - y)
      const shift = hodgesLehmann(a, b)
      // Of an even number, every value between the two in the middle is a median.
      expect(shift).toBeGreaterThanOrEqual(all[Math.floor((all.length - 1) / 2)]! - 1e-6)
      expect(shift).toBeLessThanOrEqual(all[Math.ceil((all.length - 1) / 2)]! + 1e-6)
    }),
  )
})

test('of nothing there is no difference to tell', () => {
  expect(cliffsDelta(new Float64Array(), Float64Array.of(1))).toBe(0)
  expect(hodgesLehmann(new Float64Array(), Float64Array.of(1))).toBeNaN()
})
