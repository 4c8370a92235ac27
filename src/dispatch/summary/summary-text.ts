import type { Figures } from './figures.ts'
import type { Spread } from './spread.ts'
import type { DispatchSummary } from './summary.ts'
import { TIMES, type Time } from './tally.ts'

const TITLES: Readonly<Record<Time, string>> = {
  latencyMs: 'latency',
  waitMs: 'of it, wait',
  ttftMs: 'TTFT',
  serviceMs: 'service',
  postMs: 'post kernel',
}

/** Cells, and a letter for each column: `l` or `r`. */
export interface TextTable {
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
  readonly align: string
}

/** How long things took, over all ranks. */
export function timesTable({ all }: DispatchSummary): TextTable {
  const cells = ({ mean, p50, p95, p99, max }: Spread) => [mean, p50, p95, p99, max].map(milliseconds)
  return {
    header: ['ms', 'mean', 'p50', 'p95', 'p99', 'max'],
    rows: TIMES.flatMap(time => (all[time] === undefined ? [] : [[TITLES[time], ...cells(all[time])]])),
    align: 'lrrrrr',
  }
}

/** What each rank did. */
export function ranksTable({ ranks }: DispatchSummary): TextTable {
  const percentiles = ({ latencyMs, serviceMs }: Figures) =>
    [latencyMs?.p50, latencyMs?.p99, serviceMs?.p50, serviceMs?.p99].map(ms =>
      ms === undefined ? '' : milliseconds(ms),
    )
  return {
    header: ['rank', 'jobs', 'failed', 'tokens/s', 'latency p50', 'p99', 'service p50', 'p99', 'at', ''],
    rows: ranks.map(each => [
      String(each.rank),
      String(each.count),
      each.failed === 0 ? '' : String(each.failed),
      each.outputTokensPerSecond.toFixed(1),
      ...percentiles(each),
      [each.target, each.device].filter(Boolean).join(' / '),
      each.lost ? 'lost' : '',
    ]),
    align: 'rrrrrrrrll',
  }
}

/** The run in a few sentences; what did not happen is not said. */
export function summaryLines(summary: DispatchSummary): readonly string[] {
  const { all, wallMs, doneBefore, notDone, gaveUp, requeued, lost } = summary
  const errors = Object.entries(all.errors).map(([code, count]) => `${count} × ${code}`)
  return [
    `${all.ok} of ${summary.jobs} jobs in ${seconds(wallMs)}: ${all.requestsPerSecond.toFixed(2)} requests/s, ` +
      `${all.outputTokensPerSecond.toFixed(1)} output tokens/s (${all.promptTokens} prompt, ${all.outputTokens} output tokens)`,
    ...(doneBefore > 0 ? [`${doneBefore} done by an earlier run`] : []),
    ...(all.failed > 0 ? [`${all.failed} failed: ${errors.join(', ')}`] : []),
    ...(gaveUp > 0 ? [`${gaveUp} given up, as their ranks were lost too often`] : []),
    ...(notDone > 0 ? [`${notDone} not done: --resume goes on with them`] : []),
    ...(lost.length > 0 ? [`lost: rank ${lost.join(', rank ')}`] : []),
    ...(requeued > 0 ? [`${requeued} handed to another rank, as their own was lost`] : []),
  ]
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 100_000 ? 2 : 0)} s`
}

/** Three digits where there are not more before the point. */
function milliseconds(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2)
}
