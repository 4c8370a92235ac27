import { expect, test } from 'vitest'
import { sampleResult } from '../results/testing/sample-result.ts'
import { Books } from './books.ts'
import { type RunFacts, summarize } from './summary.ts'
import { ranksTable, summaryLines, type TextTable, timesTable } from './summary-text.ts'

const COUNTS = { jobs: 5, doneBefore: 0, waiting: 0, inFlight: 0, settled: 5, gaveUp: 0, requeued: 0 }
const FACTS: RunFacts = {
  wallMs: 2000,
  ranks: [
    { rank: 2, host: 'a', target: 'http://a:2' },
    { rank: 1, host: 'a', target: 'mock:', device: 'cuda:0 NVIDIA H200' },
    { rank: 3, host: 'b', target: 'mock:' },
  ],
  lost: [3],
  counts: COUNTS,
}

function books(): Books {
  const made = new Books()
  for (const [index, latencyMs] of [100, 200, 300, 400].entries())
    made.add(
      sampleResult(index, {
        latencyMs,
        waitMs: latencyMs - 50,
        serviceMs: 48,
        outputTokens: 10,
        cachedTokens: 2,
        rank: 1 + (index % 2),
        ...(index < 2 && { ttftMs: 5 + index, postMs: 0.5 }),
      }),
    )
  const error = { code: 'unreachable', message: 'no' }
  made.add(sampleResult(4, { ok: false, error, rank: 2, attempts: 3, latencyMs: 99_999, outputTokens: 7 }))
  return made
}

test('times are of jobs that are ok, rates over the wall, and ranks’ rates add up', () => {
  const { all, ranks } = summarize(books(), FACTS)
  expect(all).toMatchObject({
    count: 5,
    ok: 4,
    failed: 1,
    errors: { unreachable: 1 },
    attempts: 7,
    promptTokens: 12,
    cachedTokens: 8,
    outputTokens: 40,
    outputTokensPerSecond: 20,
    requestsPerSecond: 2,
    latencyMs: { mean: 250, p50: 250, p95: 385, p99: 397, max: 400 },
    waitMs: { p50: 200 },
    ttftMs: { mean: 5.5, max: 6 },
    postMs: { max: 0.5 },
  })
  expect(ranks.map(({ rank, lost, count }) => [rank, lost, count])).toEqual([
    [1, false, 2],
    [2, false, 3],
    [3, true, 0],
  ])
  expect(ranks.reduce((sum, each) => sum + each.outputTokensPerSecond, 0)).toBe(all.outputTokensPerSecond)
  expect(ranks[2]).not.toHaveProperty('latencyMs')
})

test('of nothing there are zeros, and no times', () => {
  const { all } = summarize(new Books(), { ...FACTS, wallMs: 0, counts: { ...COUNTS, jobs: 0, settled: 0 } })
  expect(all).toEqual({
    count: 0,
    ok: 0,
    failed: 0,
    errors: {},
    attempts: 0,
    promptTokens: 0,
    cachedTokens: 0,
    outputTokens: 0,
    outputTokensPerSecond: 0,
    requestsPerSecond: 0,
  })
})

test('it is JSON through and through', () => {
  const summary = summarize(books(), FACTS)
  expect(JSON.parse(JSON.stringify(summary))).toEqual(summary)
})

test('it is said in a few lines', () => {
  const counts = { ...COUNTS, jobs: 12, doneBefore: 4, waiting: 3, gaveUp: 1, requeued: 2 }
  expect(summaryLines(summarize(books(), { ...FACTS, counts })).join('\n')).toMatchInlineSnapshot(`
    "4 of 12 jobs in 2.00 s: 2.00 requests/s, 20.0 output tokens/s (12 prompt, 40 output tokens)
    4 done by an earlier run
    1 failed: 1 × unreachable
    1 given up, as their ranks were lost too often
    3 not done: --resume goes on with them
    lost: rank 3
    2 handed to another rank, as their own was lost"
  `)
  expect(summaryLines(summarize(new Books(), { ...FACTS, lost: [] }))).toHaveLength(1)
})

const rowsOf = ({ header, rows }: TextTable) => [header, ...rows].map(cells => cells.join(' | ')).join('\n')

test('tables: what is not known has no row', () => {
  const summary = summarize(books(), FACTS)
  expect(rowsOf(timesTable(summary))).toMatchInlineSnapshot(`
    "ms | mean | p50 | p95 | p99 | max
    latency | 250 | 250 | 385 | 397 | 400
    of it, wait | 200 | 200 | 335 | 347 | 350
    TTFT | 5.50 | 5.50 | 5.95 | 5.99 | 6.00
    service | 48.0 | 48.0 | 48.0 | 48.0 | 48.0
    post kernel | 0.50 | 0.50 | 0.50 | 0.50 | 0.50"
  `)
  expect(timesTable(summarize(new Books(), FACTS)).rows).toEqual([])
  expect(rowsOf(ranksTable(summary))).toMatchInlineSnapshot(`
    "rank | jobs | failed | tokens/s | latency p50 | p99 | service p50 | p99 | at | 
    1 | 2 |  | 10.0 | 200 | 298 | 48.0 | 48.0 | mock: / cuda:0 NVIDIA H200 | 
    2 | 3 | 1 | 10.0 | 300 | 398 | 48.0 | 48.0 | http://a:2 | 
    3 | 0 |  | 0.0 |  |  |  |  | mock: | lost"
  `)
  for (const { header, rows, align } of [timesTable(summary), ranksTable(summary)])
    expect(new Set([header, ...rows].map(cells => cells.length))).toEqual(new Set([align.length]))
})

test('a hundred thousand results are summed up in well under a second', () => {
  const made = new Books()
  const began = performance.now()
  for (let i = 0; i < 100_000; i++) made.add(sampleResult(i, { rank: i % 8, latencyMs: i }))
  const { all } = summarize(made, FACTS)
  expect(all.latencyMs).toMatchObject({ mean: 49_999.5, p50: 49_999.5, max: 99_999 })
  expect(performance.now() - began).toBeLessThan(1000)
})
