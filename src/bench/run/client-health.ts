import { quantile } from '../../statistics/index.ts'
import type { ClientHealth, Lag, RunResult } from './run.ts'
import type { RunBooks } from './run-books.ts'
import type { VitalSigns } from './vitals.ts'

/** How the clients fared while it counted. */
export function clientHealth({ vitals, lags }: RunBooks, { fromMs, toMs }: RunResult['window']): ClientHealth {
  const loopLag: number[] = []
  let gcMs = 0
  let longestGcMs = 0
  for (const sign of vitals.flat()) {
    for (const [at, late] of pairs(sign.loopLag)) if (at >= fromMs && at <= toMs) loopLag.push(late)
    for (const [at, ms] of pairs(sign.gc)) {
      if (at < fromMs || at > toMs) continue
      gcMs += ms
      longestGcMs = Math.max(longestGcMs, ms)
    }
  }
  const aborted = (lagMs: number, outcome: string) => outcome === 'aborted' && lagMs === 0
  return {
    processes: vitals.length,
    // Other threads of a process, as those that collect its garbage, may add to its own.
    cpu: Math.min(1, Math.max(0, ...vitals.map(signs => cpu(signs, fromMs, toMs)))),
    sendLag: lag(lags.filter(({ record, lagMs }) => !aborted(lagMs, record.outcome)).map(({ lagMs }) => lagMs)),
    loopLag: lag(loopLag),
    gcMs,
    longestGcMs,
    unsent: lags.filter(({ record }) => record.sentMs > toMs).length,
  }
}

function* pairs(numbers: Float64Array): Generator<[number, number]> {
  for (let i = 0; i + 1 < numbers.length; i += 2) yield [numbers[i]!, numbers[i + 1]!]
}

/** The share of a core that was used between two times, by the signs nearest to them. */
function cpu(signs: readonly VitalSigns[], fromMs: number, toMs: number): number {
  const first = signs.findLast(({ atMs }) => atMs <= fromMs) ?? signs[0]
  const last = signs.find(({ atMs }) => atMs >= toMs) ?? signs.at(-1)
  if (!first || !last || last.atMs <= first.atMs) return 0
  return (last.cpuMs - first.cpuMs) / (last.atMs - first.atMs)
}

function lag(ms: number[]): Lag {
  if (ms.length === 0) return { p50: 0, p99: 0, max: 0 }
  const ascending = Float64Array.from(ms).sort()
  return { p50: quantile(ascending, 0.5), p99: quantile(ascending, 0.99), max: ascending.at(-1)! }
}
