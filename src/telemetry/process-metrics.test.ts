import { closeSync, openSync } from 'node:fs'
import type { monitorEventLoopDelay } from 'node:perf_hooks'
import { describe, expect, test, vi } from 'vitest'
import { EventLoopDelay } from './event-loop-delay.ts'
import { expose } from './metrics/expose.ts'
import { parseExposition } from './metrics/parse-exposition.ts'
import { createProcessMetrics, type ProcessMetrics } from './process-metrics.ts'

function values({ families }: ProcessMetrics): Record<string, number> {
  const parsed = [...parseExposition(expose(families)).values()]
  return Object.fromEntries(
    parsed.flatMap(({ name, samples }) => samples.map(sample => [name, 'value' in sample ? sample.value : Number.NaN])),
  )
}

function work(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

describe('a process', () => {
  test('tells when it began, how much it has computed and what it holds', () => {
    using metrics = createProcessMetrics()
    const before = values(metrics)
    work(30)
    const after = values(metrics)
    expect(after.process_cpu_seconds_total! - before.process_cpu_seconds_total!).toBeGreaterThan(0.01)
    expect(after.process_start_time_seconds).toBe(before.process_start_time_seconds)
    expect(after.process_start_time_seconds).toBeCloseTo(Date.now() / 1000 - process.uptime(), 1)
    expect(after.process_resident_memory_bytes! / process.memoryUsage.rss()).toBeCloseTo(1, 0)
    expect(after.nodejs_heap_size_used_bytes! / process.memoryUsage().heapUsed).toBeCloseTo(1, 0)
  })

  test.runIf(process.platform === 'linux')('counts its open files', () => {
    using metrics = createProcessMetrics()
    const before = values(metrics).process_open_fds!
    const files = Array.from({ length: 20 }, () => openSync(import.meta.filename, 'r'))
    const during = values(metrics).process_open_fds!
    for (const file of files) closeSync(file)
    // Other threads open and close some meanwhile.
    expect(Math.abs(during - before - 20)).toBeLessThan(5)
  })
})

describe("the event loop's delay", () => {
  test('is what timers take beyond their interval', () => {
    const monitor = { count: 5, percentile: (p: number) => (p === 50 ? 9e6 : 35e6), enable: () => true }
    const delay = new EventLoopDelay(() => monitor as unknown as ReturnType<typeof monitorEventLoopDelay>)
    expect(delay.percentile(99)).toBeCloseTo(0.025, 9)
    expect(delay.percentile(50)).toBe(0)
  })

  test('is measured from when it is first asked for until it is disposed of, and again when asked again', () => {
    let enabled = 0
    const monitor = { count: 0, reset: vi.fn(), enable: () => enabled++, disable: () => enabled-- }
    const delay = new EventLoopDelay(() => monitor as unknown as ReturnType<typeof monitorEventLoopDelay>)
    delay.reset()
    expect(enabled).toBe(0)
    expect(delay.percentile(50)).toBeUndefined()
    expect(delay.percentile(99)).toBeUndefined()
    expect(enabled).toBe(1)
    delay.reset()
    expect(monitor.reset).toHaveBeenCalledTimes(1)
    delay[Symbol.dispose]()
    delay[Symbol.dispose]()
    expect(enabled).toBe(0)
    delay.percentile(50)
    expect(enabled).toBe(1)
  })

  test('shows that the thread did not let go, until it is reset', async () => {
    using metrics = createProcessMetrics()
    expect(values(metrics)).not.toHaveProperty('nodejs_eventloop_lag_p99_seconds')
    await vi.waitFor(() => expect(values(metrics)).toHaveProperty('nodejs_eventloop_lag_p50_seconds'))
    work(200)
    await vi.waitFor(() => expect(values(metrics).nodejs_eventloop_lag_p99_seconds).toBeGreaterThan(0.15))
    metrics.reset()
    expect(values(metrics)).not.toHaveProperty('nodejs_eventloop_lag_p99_seconds')
  })
})
