import { beforeAll, describe, expect, test } from 'vitest'
import { type SimulationReport, simulate, type Traffic } from './testing/simulate.ts'

/** Requests per second that {@link USUAL_ENGINE} gets through. */
const CAPACITY = 37
const tenant = { name: 'everybody', limits: {} }

function load(times: number, traffic: Partial<Traffic> = {}, seed = 1): Promise<SimulationReport> {
  return simulate({ seed, seconds: 40, traffic: [{ tenant, perSecond: times * CAPACITY, ...traffic }] })
}

let peak = 0

beforeAll(async () => {
  for (const times of [0.5, 0.8, 1, 1.5, 2]) peak = Math.max(peak, (await load(times)).goodput)
})

const clients: readonly [what: string, traffic: Partial<Traffic>][] = [
  ['all come back', { returns: 9 }],
  ['half come back', { returns: 9, returning: 0.5 }],
  ['nobody comes back', {}],
]

describe.each([2, 5, 10])('at %i times what the engine gets through', times => {
  test.each(clients)('when %s, goodput holds, the queue keeps its bound, and promises are kept', async (_, traffic) => {
    const { tallies, goodput, excess } = await load(times, traffic)
    const { returned, takenIn, waits } = tallies[0]!
    expect(goodput).toBeGreaterThan(0.9 * peak)
    expect(excess).toBeLessThanOrEqual(0)
    // The queue's bound in time, and what the estimate of the pace is off by.
    expect(Math.max(...waits)).toBeLessThan(1.25 * 10_000)
    if (traffic.returns === undefined) return
    expect(returned).toBeGreaterThan(300)
    expect(takenIn / returned).toBeGreaterThan(0.9)
  })
})

test('promises are kept with a queue of a second, too', async () => {
  const queue = { queueTimeMs: 1000 }
  const traffic = [{ tenant, perSecond: 10 * CAPACITY, returns: 9 }]
  const { tallies, goodput } = await simulate({ seed: 2, seconds: 40, traffic, queue })
  expect(goodput).toBeGreaterThan(0.9 * peak)
  expect(tallies[0]!.takenIn / tallies[0]!.returned).toBeGreaterThan(0.9)
})

test('promises are kept by an engine that takes ten seconds for a request, too', async () => {
  const engine = { slots: 2, stepMs: 100, perSequenceMs: 20, perPromptTokenMs: 1 }
  const traffic = [{ tenant, perSecond: 0.25, returns: 9 }]
  const { tallies } = await simulate({ seed: 1, seconds: 1200, traffic, engine, queue: { queueTimeMs: 30_000 } })
  expect(tallies[0]!.takenIn / tallies[0]!.returned).toBeGreaterThan(0.9)
})

test('below what the engine gets through nobody is refused and hardly anybody waits', async () => {
  const { tallies } = await load(0.8)
  const { arrived, completed, refused, waits } = tallies[0]!
  expect(refused).toBe(0)
  expect(completed).toBeGreaterThan(0.95 * arrived)
  expect(waits.reduce((sum, ms) => sum + ms, 0) / waits.length).toBeLessThan(100)
})

test('clients who never come back do not make those wait who do', async () => {
  const [all, few] = [await load(5, { returns: 9 }), await load(5, { returns: 9, returning: 0.1 })]
  const last = (report: SimulationReport) => report.tallies[0]!.retryAfterMs.at(-1)!
  expect(last(few)).toBeLessThan(last(all) / 3)
})

test('large requests get in as well as small ones', async () => {
  const sizes = (prompt: Traffic['prompt']): Traffic => ({ tenant, perSecond: 5 * CAPACITY, prompt: prompt! })
  const traffic = [sizes([20, 20]), sizes([400, 400])]
  const { tallies } = await simulate({ seed: 3, seconds: 40, traffic })
  const [small, large] = tallies.map(tally => tally.completed / tally.arrived)
  expect(large! / small!).toBeGreaterThan(0.7)
})
