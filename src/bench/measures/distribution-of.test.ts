import { expect, test } from 'vitest'
import { Random } from '../../statistics/index.ts'
import type { RunSpec } from '../run/run.ts'
import type { Estimate, Measures } from './measures.ts'
import { measuresOf } from './measures-of.ts'
import { record } from './testing/record.ts'

/** Requests come at random, 50 a second, and are answered after 30 ms and an exponential time. */
function openLoop(seed: number): Measures {
  const random = new Random(seed)
  const records = []
  for (let dueMs = 0; dueMs < 24_000; dueMs += random.exponential(20)) {
    const endMs = dueMs + 30 + random.exponential(50)
    records.push(record({ dueMs, endMs, arrivals: [endMs] }))
  }
  return measuresOf({ records, window: { fromMs: 0, toMs: 24_000 }, spec: {} as RunSpec })
}

const runs = Array.from({ length: 60 }, (_, seed) => openLoop(seed))

// An interval of 95 % misses at random in 3 of 60; in more than 9 of them hardly ever.
test.each<[what: string, of: (measures: Measures) => Estimate | null, truth: number]>([
  ['mean', ({ ttft }) => ttft.mean, 80],
  ['50th percentile', ({ ttft }) => ttft.p50, 30 + 50 * Math.log(2)],
  ['90th percentile', ({ ttft }) => ttft.p90, 30 + 50 * Math.log(10)],
  ['99th percentile', ({ ttft }) => ttft.p99, 30 + 50 * Math.log(100)],
  ['rate', ({ requests }) => requests.perSecond, 50],
])('the interval of a %s holds the truth about as often as it says, and is no wider than need be', (_, of, truth) => {
  const estimates = runs.map(of)
  const held = estimates.filter(each => each && each.low !== null && each.low <= truth && each.high! >= truth).length
  expect(held).toBeGreaterThanOrEqual(51)
  for (const each of estimates) expect((each!.high! - each!.low!) / truth).toBeLessThan(0.6)
})
