import { describe, expect, test } from 'vitest'
import type { JobResult } from '../job-result.ts'
import { Scheduler } from '../schedule/scheduler.ts'
import { Books } from './books.ts'
import { summarize } from './summary.ts'

/** Six jobs of 100 ms on one rank with one slot: each waits for those before it. */
function queued(): { readonly results: readonly JobResult[]; readonly scheduler: Scheduler; readonly wallMs: number } {
  const scheduler = new Scheduler({ jobs: 6, ranks: [1], inflight: 1 })
  const results: JobResult[] = []
  let now = 0
  scheduler.ready(1, 1, now)
  while (!scheduler.finished)
    for (const { rank, job, attempt } of scheduler.next(now)) {
      const waitMs = scheduler.handedOutAt(job) - scheduler.dueAt(job)
      now += 100
      scheduler.settled(rank, job, attempt, now)
      results.push({
        index: job,
        ok: true,
        promptTokens: 90,
        cachedTokens: 0,
        outputTokens: 10,
        latencyMs: now - scheduler.dueAt(job),
        waitMs,
        serviceMs: 100,
        rank,
        attempts: attempt,
      })
    }
  return { results, scheduler, wallMs: now }
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)

function figures() {
  const { results, scheduler, wallMs } = queued()
  const books = new Books()
  for (const result of results) books.add(result)
  const { all } = summarize(books, { wallMs, ranks: [{ rank: 1 }], lost: [], counts: scheduler.counts })
  return { all, results, wallMs }
}

describe('old defect 9: what is measured', () => {
  test('latency holds the waiting in rank 0, which timing the request alone left out', () => {
    const { all, results } = figures()
    const old = sum(results.map(({ serviceMs }) => serviceMs)) / results.length
    expect(old).toBe(100)
    expect(all.latencyMs).toMatchObject({ mean: 350, p50: 350, max: 600 })
    expect(all.waitMs).toMatchObject({ mean: 250, max: 500 })
    expect(all.serviceMs).toMatchObject({ mean: 100 })
  })

  test('tokens/s counts the answers, where prompts were counted with them', () => {
    const { all, results, wallMs } = figures()
    const old = (sum(results.map(({ promptTokens, outputTokens }) => promptTokens + outputTokens)) * 1000) / wallMs
    expect(old).toBe(1000)
    expect(all.outputTokensPerSecond).toBe(100)
  })

  test('tokens/s is over the wall, where the sum of latencies stood', () => {
    const { all, results } = figures()
    const tokens = sum(results.map(({ outputTokens }) => outputTokens))
    const old = (tokens * 1000) / sum(results.map(({ latencyMs }) => latencyMs))
    expect(old).toBeCloseTo(28.6, 1)
    expect(all.outputTokensPerSecond).toBe(100)
  })
})
