import { readdirSync, statSync } from 'node:fs'
import { getHeapStatistics } from 'node:v8'
import { EventLoopDelay } from './event-loop-delay.ts'
import type { Family } from './metrics/family.ts'

export interface ProcessMetrics extends Disposable {
  /** By the names that Prometheus' clients give them. */
  readonly families: readonly Family[]
  /** Lets the event loop's percentiles begin anew; without it they tell of all the time since they were first asked for. */
  reset(): void
}

/** Measures this process and this thread's event loop, from the first time that the families are collected. */
export function createProcessMetrics(): ProcessMetrics {
  const delay = new EventLoopDelay()
  return {
    families: families(delay),
    reset: () => delay.reset(),
    [Symbol.dispose]: () => delay[Symbol.dispose](),
  }
}

function families(delay: EventLoopDelay): readonly Family[] {
  const startedAt = Math.round(Date.now() - process.uptime() * 1000) / 1000
  return [
    one('counter', 'process_cpu_seconds_total', 'Time that all threads have computed.', cpuSeconds),
    one('gauge', 'process_resident_memory_bytes', 'Memory in use.', process.memoryUsage.rss),
    one('gauge', 'process_start_time_seconds', 'When the process began, in Unix time.', () => startedAt),
    one('gauge', 'process_open_fds', 'Open files and sockets.', openFiles),
    one('gauge', 'nodejs_heap_size_used_bytes', 'JavaScript objects.', () => getHeapStatistics().used_heap_size),
    one('gauge', 'nodejs_eventloop_lag_p50_seconds', 'Delay of timers, median.', () => delay.percentile(50)),
    one('gauge', 'nodejs_eventloop_lag_p99_seconds', 'Delay of timers, 99th percentile.', () => delay.percentile(99)),
  ]
}

/** A family of one number, or of none where there is nothing to tell. */
function one(type: 'counter' | 'gauge', name: string, help: string, read: () => number | undefined): Family {
  return {
    name,
    help,
    type,
    collect() {
      const value = read()
      return value === undefined ? [] : [{ value }]
    },
  }
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** Nothing where there is no such folder, as outside Linux. */
function openFiles(): number | undefined {
  const folder = '/proc/self/fd'
  try {
    // Since Linux 6.2 its size is their number; counting them takes milliseconds when there are thousands.
    return statSync(folder).size || readdirSync(folder).length - 1
  } catch {
    return undefined
  }
}
