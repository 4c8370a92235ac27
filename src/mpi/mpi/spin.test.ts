import { expect, it } from 'vitest'
import { Spin } from './spin.ts'

it('is short while what comes comes at once', () => {
  const spin = new Spin(0.2)
  for (let now = 0; now < 100; now++) spin.happened(0.01, now)
  expect(spin.ms).toBe(0.2)
})

it('is longer than a sleep after something came just after one', () => {
  const spin = new Spin(0.2)
  spin.happened(1.2, 0)
  expect(spin.ms).toBe(3)
  spin.happened(0.01, 1)
  expect(spin.ms).toBe(0.2)
})

it('is not worth it where gaps are longer than a sleep anyway', () => {
  const spin = new Spin(0.2)
  spin.happened(10, 0)
  expect(spin.ms).toBe(0.2)
})

it('costs a twentieth of a core at most where it never helps', () => {
  const spin = new Spin(0.2)
  let spent = 0
  for (let now = 0; now < 10_000; now += 2) {
    spin.happened(2, now)
    if (spin.ms > 0.2) spent += 2
  }
  expect(spent).toBeGreaterThan(0)
  expect(spent / 10_000).toBeLessThanOrEqual(0.05)
})

it('stays off where it was turned off', () => {
  const spin = new Spin(0)
  spin.happened(1, 0)
  expect(spin.ms).toBe(0)
})

it('wakes two ranks that answer each other, and one of which has slept once', () => {
  const ranks = [new Spin(0.2), new Spin(0.2)]
  let silent = 1.2
  const trips: number[] = []
  for (let i = 0; i < 20; i++) {
    const [waiting, answering] = [ranks[i % 2]!, ranks[(i + 1) % 2]!]
    // The one that answers was awake if it has not waited for longer than it spins.
    const trip = silent < answering.ms ? 0.01 : 1.2
    waiting.happened(trip, i)
    silent = trip
    trips.push(trip)
  }
  expect(trips.slice(-10)).toEqual(Array(10).fill(0.01))
})
