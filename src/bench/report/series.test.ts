import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RequestRecord } from '../record/request-record.ts'
import { peakConcurrency, peakTokensPerSecond } from './peaks.ts'
import { samplesOf } from './samples.ts'
import { seriesOf } from './series.ts'
import { sampleRecords } from './testing/sample-records.ts'
import { SMALL_RECORDS } from './testing/small-run.ts'
import { TimeBuckets } from './time-buckets.ts'

const of = (records: readonly RequestRecord[]) => seriesOf(records, samplesOf(records))

test('a small run, bucket by bucket', () => {
  expect(of(SMALL_RECORDS)).toMatchObject({
    seconds: [0.1, 0.2, 0.3],
    // 1 … 51 ms, 101 … 137 ms, 201 … 205 ms of 100 ms each
    inFlight: [0.5, 0.36, 0.04],
    requestsPerSecond: [10, 10, 0],
    outputTokensPerSecond: [30, 30, 0],
    failed: [0, 0, 1],
    ttftP50: [20, 25, null],
    ttftP99: [20, 25, null],
    // of 10 and 20; of 6 and 5
    itlP99: [19.9, 5.99, null],
  })
})

test('each gap lies in the heat map where it ended, in the bucket of its length', () => {
  const { boundsMs, counts } = of(SMALL_RECORDS).gaps
  expect(boundsMs).toEqual([5.6, 7.5, 10, 13, 18, 24])
  expect(counts).toEqual([
    [0, 0, 1, 0, 0, 1, 0],
    [1, 1, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0, 0, 0],
  ])
})

test('what is left behind at the end did not fail', () => {
  const left = SMALL_RECORDS.map(record => ({ ...record, phase: 'cool-down' as const, outcome: 'aborted' as const }))
  expect(of(left)).toMatchObject({ failed: [0, 0, 0], requestsPerSecond: [0, 0, 0] })
})

test('quantiles go from the least to the greatest, of measured answers alone', () => {
  const warm = SMALL_RECORDS.map(record => ({ ...record, phase: 'warm-up' as const }))
  const { ttft, itl } = of(SMALL_RECORDS).quantiles
  expect([ttft.length, ttft[0], ttft[100], ttft[200]]).toEqual([201, 20, 22.5, 25])
  expect([itl[0], itl[200]]).toEqual([5, 20])
  expect(of(warm).quantiles).toEqual({ ttft: [], tpot: [], itl: [], e2e: [] })
})

test('of nothing there is one empty bucket', () => {
  expect(of([])).toMatchObject({ seconds: [0.1], inFlight: [0], gaps: { boundsMs: [], counts: [[0]] } })
})

test('nothing is lost between buckets: tokens, answers, time under way, gaps', () => {
  const settings = fc.record({
    seed: fc.nat(1000),
    concurrency: fc.integer({ min: 1, max: 6 }),
    seconds: fc.constantFrom(0.5, 3, 20),
    errors: fc.constantFrom(0, 0.3),
  })
  fc.assert(
    fc.property(settings, each => {
      const records = sampleRecords(each)
      const { seconds, inFlight, requestsPerSecond, outputTokensPerSecond, failed, gaps } = of(records)
      const width = seconds[1]! - seconds[0]!
      const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)
      const expected = (count: (record: RequestRecord) => number) => total(records.map(count))
      expect(total(inFlight) * width).toBeCloseTo(expected(({ sentMs, endMs }) => endMs - sentMs) / 1000, 1)
      expect(total(requestsPerSecond) * width).toBeCloseTo(
        expected(({ outcome }) => (outcome === 'ok' ? 1 : 0)),
        1,
      )
      expect(total(outputTokensPerSecond) * width).toBeCloseTo(
        expected(({ arrivalsMs }) => arrivalsMs.length),
        1,
      )
      expect(total(failed)).toBe(expected(({ outcome }) => (outcome === 'ok' ? 0 : 1)))
      expect(total(gaps.counts.map(total))).toBe(expected(({ arrivalsMs }) => Math.max(0, arrivalsMs.length - 1)))
    }),
    { numRuns: 20 },
  )
})

test.each([
  [0, 0.1, 1],
  [2000, 0.1, 20],
  [20_000, 0.5, 40],
  [45_000, 1, 45],
  [300_000, 1, 300],
  [301_000, 2, 151],
  [3_600_000, 15, 240],
  [30 * 24 * 3_600_000, 8640, 300],
])('%i ms are cut into buckets of %f s: %i', (endMs, seconds, count) => {
  expect(new TimeBuckets(endMs)).toMatchObject({ seconds, count })
})

test.each([
  [[], [], 0],
  [[0, 100], [51, 37], 1],
  [[0, 10, 20], [100, 5, 5], 2],
  [[0, 1, 2], [10, 10, 10], 3],
  [[0, 10], [10, 10], 1],
])('of requests due at %j that took %j, %i were under way at once', (due, e2e, most) => {
  expect(peakConcurrency({ due, e2e })).toBe(most)
})

test('the busiest second is one second, whatever the buckets', () => {
  expect(peakTokensPerSecond(of(SMALL_RECORDS))).toBeCloseTo(6, 9)
  const long = { ...of(SMALL_RECORDS), seconds: [2, 4], outputTokensPerSecond: [7, 9] }
  expect(peakTokensPerSecond(long)).toBe(9)
})
