import { describe, expect, test } from 'vitest'
import type { TenantLimits } from './request.ts'
import { simulate, type Traffic } from './testing/simulate.ts'

/** Requests per second that {@link USUAL_ENGINE} gets through. */
const CAPACITY = 37

function tenant(name: string, times: number, limits: TenantLimits = {}, traffic: Partial<Traffic> = {}): Traffic {
  return { tenant: { name, limits }, perSecond: times * CAPACITY, ...traffic }
}

const run = (...traffic: Traffic[]) => simulate({ seed: 7, seconds: 50, traffic })

describe('two tenants', () => {
  test.each([
    ['never come back', {}],
    ['come back when told to', { returns: 9 }],
  ])(
    'who both want more than half get equal parts, though one sends ten times as much, when they %s',
    async (_, traffic) => {
      const { tallies } = await run(tenant('heavy', 6, {}, traffic), tenant('light', 0.6, {}, traffic))
      const [heavy, light] = tallies
      const share = light!.tokens / (heavy!.tokens + light!.tokens)
      expect(share).toBeGreaterThan(0.475)
      expect(share).toBeLessThan(0.525)
      if (heavy!.returned > 0) expect(heavy!.takenIn / heavy!.returned).toBeGreaterThan(0.9)
    },
  )

  test.each([0.05, 0.2, 0.4])('the one that wants %f of the engine is never refused, and waits little', async times => {
    const { tallies, goodput } = await run(tenant('heavy', 10, {}, { returns: 9 }), tenant('light', times))
    const [heavy, light] = tallies
    expect([light!.refused, light!.rejected]).toEqual([0, 0])
    expect(light!.waits.reduce((sum, ms) => sum + ms, 0) / light!.waits.length).toBeLessThan(500)
    expect(heavy!.takenIn / heavy!.returned).toBeGreaterThan(0.9)
    expect(goodput).toBeGreaterThan(5800)
  })

  test('are served by their weights', async () => {
    const { tallies } = await run(tenant('three', 4, { weight: 3 }), tenant('one', 4))
    expect(tallies[0]!.tokens / tallies[1]!.tokens).toBeGreaterThan(2.85)
    expect(tallies[0]!.tokens / tallies[1]!.tokens).toBeLessThan(3.15)
  })

  test('get equal parts by what requests cost, not by their number', async () => {
    const long = { prompt: [400, 400], output: [100, 120] } as const
    const { tallies } = await run(tenant('long', 3, {}, long), tenant('short', 3))
    const [a, b] = tallies.map(tally => tally.tokens + tally.outputTokens)
    expect(a! / b!).toBeGreaterThan(0.9)
    expect(a! / b!).toBeLessThan(1.1)
  })
})

test('a tenant behind its own limit waits no longer than the queue’s time, and keeps nobody else from running', async () => {
  const { tallies } = await run(tenant('bound', 0.5, { concurrency: 2 }, { returns: 9 }), tenant('free', 3))
  const [bound, free] = tallies
  expect(Math.max(...bound!.waits)).toBeLessThan(20_000)
  expect(free!.tokens / bound!.tokens).toBeGreaterThan(10)
})

test('of a tenant’s requests, the more urgent wait less', async () => {
  const { tallies } = await run(tenant('a', 0.4, {}, { priority: -1 }), tenant('a', 0.8, {}, { priority: 1 }))
  const [urgent, patient] = tallies.map(({ waits }) => waits.reduce((sum, ms) => sum + ms, 0) / waits.length)
  expect(urgent).toBeLessThan(500)
  expect(patient).toBeGreaterThan(5000)
})

test('an engine short of KV cache starves no large request', async () => {
  const { tallies } = await simulate({
    seed: 8,
    seconds: 60,
    engine: { kvTokens: 4000 },
    traffic: [tenant('a', 2), tenant('b', 0.02, {}, { prompt: [3000, 3000] })],
  })
  const { arrived, completed, waits } = tallies[1]!
  expect(completed).toBeGreaterThan(0.75 * arrived)
  expect(Math.max(...waits)).toBeLessThan(10_000)
})

test('nobody is answered after a deadline that could have been seen to pass', async () => {
  const { tallies } = await run(tenant('a', 3, {}, { deadlineMs: 3000, returns: 9 }))
  const { waits, completed } = tallies[0]!
  expect(Math.max(...waits)).toBeLessThan(3000)
  expect(completed).toBeGreaterThan(0.9 * CAPACITY * 50)
})
