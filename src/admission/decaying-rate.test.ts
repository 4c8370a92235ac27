import { expect, test } from 'vitest'
import { DecayingRate } from './decaying-rate.ts'

test('a steady stream has its own rate from the start, however often it is read', () => {
  for (const step of [1, 100, 5000]) {
    const rate = new DecayingRate(1000, 0)
    for (let now = step; now <= 10_000; now += step) {
      rate.add(3 * step)
      expect(rate.perMs(now)).toBeCloseTo(3)
    }
  }
})

test('the past is forgotten by a factor of e in each window', () => {
  const rate = new DecayingRate(1000, 0)
  rate.add(100_000)
  expect(rate.perMs(100_000)).toBeCloseTo(1)
  expect(rate.perMs(101_000)).toBeCloseTo(1 / Math.E)
  expect(rate.perMs(103_000)).toBeCloseTo(1 / Math.E ** 3)
})

test('nothing is known before time has passed', () => {
  const rate = new DecayingRate(1000, 5)
  rate.add(7)
  expect([rate.perMs(5), rate.perMs(6)]).toEqual([0, 7])
})
