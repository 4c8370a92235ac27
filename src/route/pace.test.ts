import { expect, test } from 'vitest'
import { Pace } from './pace.ts'

test('an engine’s pace is that of its work, not of the time between', () => {
  const pace = new Pace()
  expect(pace.perSecond(0)).toBeUndefined()
  for (let at = 0; at < 50_000; at += 10_000) {
    pace.busy(true, at)
    for (let i = 0; i < 100; i++) pace.add(2)
    pace.busy(false, at + 1000)
    expect(pace.perSecond(at + 1000)).toBeCloseTo(200)
    expect(pace.perSecond(at + 9000)).toBeCloseTo(200)
  }
})

test('of what it did long ago, little counts', () => {
  const pace = new Pace()
  pace.busy(true, 0)
  pace.add(10_000)
  expect(pace.perSecond(10_000)).toBeCloseTo(1000)
  pace.add(10_000)
  expect(pace.perSecond(60_000)).toBeLessThan(220)
  expect(pace.perSecond(160_000)).toBeLessThan(1)
})
