import { beforeAll, describe, expect, test } from 'vitest'
import { quantile } from '../statistics/index.ts'
import type { PriorityClass } from './priority-class.ts'
import { type SimulationReport, simulate, type Tally, type Traffic } from './testing/simulate.ts'

/** Requests per second that {@link USUAL_ENGINE} gets through. */
const CAPACITY = 37
/** Milliseconds that its requests take, about. */
const SERVICE_MS = 800

function of(priorityClass: PriorityClass, times: number, traffic: Partial<Traffic> = {}): Traffic {
  return { tenant: { name: priorityClass, limits: {} }, perSecond: times * CAPACITY, priorityClass, ...traffic }
}

const run = (seconds: number, ...traffic: Traffic[]) => simulate({ seed: 11, seconds, traffic })
const p99 = ({ waits }: Tally) =>
  quantile(
    [...waits].sort((a, b) => a - b),
    0.99,
  )
const returns = { returns: 9 }

/** Nobody is lost, and what is counted by class comes to the same. */
function expectConserved({ snapshot, tallies }: SimulationReport): void {
  const { counts, waiting, running, classes } = snapshot
  expect(counts.accepted).toBe(counts.completed + counts.cancelled + counts.failed + waiting + running)
  expect(counts.completed).toBe(tallies.reduce((sum, { completed }) => sum + completed, 0))
  const all = Object.values(classes)
  expect(all.reduce((sum, one) => sum + one.counts.accepted, 0)).toBe(counts.accepted)
  expect(all.reduce((sum, one) => sum + one.counts.pushedOut, 0)).toBe(counts.pushedOut)
}

let peak = 0
beforeAll(async () => {
  for (const times of [0.8, 1, 1.5]) peak = Math.max(peak, (await run(40, of('default', times))).goodput)
})

describe('a flood of a lower class', () => {
  test.each([
    ['bulk', 'never comes back', {}],
    ['bulk', 'comes back when told to', returns],
    ['default', 'comes back when told to', returns],
  ] as const)('of %s that %s keeps no interactive one waiting', async (lower, _, traffic) => {
    const report = await run(60, of(lower, 5, traffic), of('interactive', 0.3))
    const [flood, interactive] = report.tallies
    expect([interactive!.refused, interactive!.rejected]).toEqual([0, 0])
    expect(p99(interactive!)).toBeLessThan(SERVICE_MS)
    expect(report.goodput).toBeGreaterThan(0.9 * peak)
    // It gets the rest, and of those that come back when told to, nearly all are taken in.
    expect(flood!.completed).toBeGreaterThan(0.5 * CAPACITY * 60)
    if ('returns' in traffic) {
      expect(flood!.returned).toBeGreaterThan(300)
      expect(flood!.takenIn / flood!.returned).toBeGreaterThan(0.9)
    }
    expectConserved(report)
  })

  test('is not let in by one that has a tenant in common with the higher class', async () => {
    const tenant = { name: 'both', limits: {} }
    const { tallies } = await run(60, of('bulk', 5, { tenant }), of('interactive', 0.3, { tenant }))
    expect(p99(tallies[1]!)).toBeLessThan(SERVICE_MS)
  })

  test('leaves the operator’s own a slot, even where it is interactive', async () => {
    const { tallies } = await run(60, of('interactive', 5), of('system', 0.02))
    expect([tallies[1]!.refused, tallies[1]!.rejected]).toEqual([0, 0])
    expect(p99(tallies[1]!)).toBeLessThan(SERVICE_MS)
  })
})

describe('a flood of a higher class', () => {
  test.each([
    ['never comes back', {}],
    ['comes back when told to', returns],
  ])(
    'that %s keeps out no lower one for ever: who is let wait starts as soon as it is old enough',
    async (_, traffic) => {
      const report = await simulate({
        seed: 11,
        seconds: 150,
        traffic: [of('interactive', 2, traffic), of('bulk', 0.2)],
        queue: { classes: { bulk: { ageingMs: 20_000 } } },
      })
      const [interactive, bulk] = report.tallies
      expect(bulk!.waits.length).toBeGreaterThan(20)
      // Two promotions, and then its turn.
      expect(Math.max(...bulk!.waits)).toBeLessThan(40_000 + SERVICE_MS)
      expect(interactive!.completed).toBeGreaterThan(0.85 * CAPACITY * 150)
      expectConserved(report)
    },
  )

  test('tells the lower that nothing is left, and to try again when it would have risen', async () => {
    const { tallies } = await run(60, of('interactive', 2), of('bulk', 0.5))
    expect(tallies[1]!.retryAfterMs.slice(-100)).toEqual(Array(100).fill(120_000))
  })

  test('makes the line of lower ones longer by what it brings', async () => {
    const last = ({ tallies }: SimulationReport) => Math.max(...tallies[0]!.retryAfterMs.slice(-100))
    const bulk = of('bulk', 2, returns)
    const [alone, beside] = [await run(40, bulk), await run(40, bulk, of('interactive', 0.5))]
    expect(last(beside) / last(alone)).toBeGreaterThan(1.5)
  })
})

test.each([
  ['all come back', returns],
  ['half come back', { ...returns, returning: 0.5 }],
  ['nobody comes back', {}],
])('at 5 times what the engine gets through, over three classes, goodput holds when %s', async (_, traffic) => {
  const report = await run(50, of('interactive', 0.5, traffic), of('default', 1.5, traffic), of('bulk', 3, traffic))
  const [interactive, middle] = report.tallies
  expect(report.goodput).toBeGreaterThan(0.9 * peak)
  expect(report.excess).toBeLessThanOrEqual(0)
  expect([interactive!.refused, interactive!.rejected]).toEqual([0, 0])
  expect(p99(interactive!)).toBeLessThan(SERVICE_MS)
  if (middle!.returned > 0) expect(middle!.takenIn / middle!.returned).toBeGreaterThan(0.9)
  expectConserved(report)
})

test('what is kept for a few interactive ones costs no more than its part of the engine', async () => {
  const { goodput } = await run(50, of('bulk', 5), of('interactive', 0.02))
  expect(goodput).toBeGreaterThan((1 - 1 / 8) * peak)
})
