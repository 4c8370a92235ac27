import { describe, expect, test } from 'vitest'
import { arrivals } from '../load/arrivals.ts'
import { backlogGrows, isSaturated, type LoadPoint } from './saturation.ts'
import { passOpen } from './testing/queue.ts'

const point = (
  tokensPerSecond: number,
  latencyMs: number,
  backlogGrows = false,
  goodput: number | null = null,
): LoadPoint => ({
  load: 1,
  tokensPerSecond,
  latencyMs,
  goodput,
  backlogGrows,
})

test.each([
  ['twice as much', point(200, 100), false],
  ['more, though slower', point(110, 200), false],
  ['no more, and slower', point(104, 110), true],
  ['less, and slower', point(90, 300), true],
  ['no more, and no slower', point(100, 104), false],
  ['more, but it falls behind', point(150, 100, true), true],
])('%s', (_, after, saturated) => {
  expect(isSaturated(point(100, 100), after)).toBe(saturated)
})

test.each([
  [9.4, true],
  [9.6, false],
  [30, false],
])('with more of everything, and a goodput of 10 that becomes %d', (goodput, saturated) => {
  expect(isSaturated(point(100, 100, false, 10), point(200, 100, false, goodput))).toBe(saturated)
})

describe('waiting grows', () => {
  /** One server of 100 requests per second. */
  const grows = (rate: number, seed: number, stallMs = 0) => {
    const service = () => 10
    const passages = []
    for (const passage of passOpen(
      { servers: 1, service },
      arrivals({ kind: 'open', rate, arrivals: 'poisson' }, seed, 1),
    )) {
      if (passage.dueMs > 20_000) break
      const stalled = passage.dueMs > 15_000 && passage.dueMs < 15_000 + stallMs
      passages.push({ due: passage.dueMs, ttft: passage.startMs - passage.dueMs + (stalled ? stallMs : 0) })
    }
    return backlogGrows({ due: passages.map(({ due }) => due), ttft: passages.map(({ ttft }) => ttft) })
  }

  test.each([1, 2, 3, 4, 5])('where more comes than is served, and nowhere else (seed %i)', seed => {
    expect([40, 80, 115, 150, 300].map(rate => grows(rate, seed))).toEqual([false, false, true, true, true])
  })

  test('one stall is no growth', () => {
    expect(grows(50, 1, 2000)).toBe(false)
  })

  test('few requests tell nothing', () => {
    expect(backlogGrows({ due: [0, 1, 2], ttft: [0, 100, 200] })).toBe(false)
    expect(backlogGrows({ due: [], ttft: [] })).toBe(false)
  })
})
