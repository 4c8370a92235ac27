import { expect, test } from 'vitest'
import type { CardReading } from './cards.ts'
import { type GpuSample, usageOf } from './usage-of.ts'

/** Readings each 100 ms from 0 to 1 s of cards that read as told at each moment. */
function watched(...cards: ((ms: number) => Partial<CardReading>)[]): GpuSample[] {
  const silent = { memoryBytes: 0, utilisation: undefined, watts: undefined, joules: undefined }
  return Array.from({ length: 11 }, (_, i) => ({
    atMs: i * 100,
    readings: cards.map(read => ({ ...silent, ...read(i * 100) })),
  }))
}

/** 300 W, counted up. */
const counting = (ms: number) => ({ memoryBytes: 1000 + ms, utilisation: 0.5, watts: 999, joules: 5000 + 0.3 * ms })

test('energy is the counter’s difference, read off between readings; power follows from it', () => {
  const usage = usageOf(['A'], watched(counting), 250, 750, 60)!
  expect(usage).toMatchObject({ cards: ['A'], memoryBytes: 1700, utilisation: 0.5 })
  expect(usage.watts).toBeCloseTo(300, 6)
  expect(usage.joulesPerOutputToken).toBeCloseTo(150 / 60, 6)
})

test('without a counter, it is the mean power times the time', () => {
  const usage = usageOf(
    ['A'],
    watched(ms => ({ watts: ms < 500 ? 100 : 200 })),
    100,
    800,
    7,
  )!
  expect(usage.watts).toBeCloseTo((4 * 100 + 4 * 200) / 8, 6)
  expect(usage.joulesPerOutputToken).toBeCloseTo((150 * 0.7) / 7, 6)
})

test('a card that tells neither has no energy, and answers without tokens none each', () => {
  expect(
    usageOf(
      ['A'],
      watched(() => ({ memoryBytes: 5 })),
      0,
      1000,
      10,
    ),
  ).toMatchObject({
    memoryBytes: 5,
    watts: 0,
    joulesPerOutputToken: null,
  })
  expect(usageOf(['A'], watched(counting), 0, 1000, 0)!.joulesPerOutputToken).toBeNull()
})

test('an idle neighbour does not count; of cards that tell no use, all do', () => {
  const idle = (ms: number) => ({ memoryBytes: 1, utilisation: 0, joules: 0.07 * ms })
  const both = usageOf(['A', 'B', 'C'], watched(counting, idle, counting), 0, 1000, 1)!
  expect(both.cards).toEqual(['A', 'C'])
  expect(both.watts).toBeCloseTo(600, 6)
  const silent = usageOf(
    ['A', 'B'],
    watched(
      () => ({ watts: 10 }),
      () => ({ watts: 20 }),
    ),
    0,
    1000,
    1,
  )!
  expect(silent.cards).toEqual(['A', 'B'])
  expect(silent.watts).toBeCloseTo(30, 6)
})

test('a time shorter than the period, or at the edge of what was watched, is told of by what is near', () => {
  const samples = watched(counting)
  expect(usageOf(['A'], samples, 510, 590, 1)!.watts).toBeCloseTo(300, 6)
  expect(usageOf(['A'], samples, 900, 1200, 1)!.joulesPerOutputToken).toBeCloseTo(90, 6)
})

test('of a time that nobody watched, nothing is said', () => {
  expect(usageOf(['A'], [], 0, 100, 1)).toBeNull()
  expect(usageOf(['A'], watched(counting), 500, 500, 1)).toBeNull()
  expect(usageOf(['A'], watched(counting), 5000, 6000, 1)).toBeNull()
})
