import { latenciesOf } from '../measures/latencies.ts'
import type { RequestRecord } from '../record/request-record.ts'
import type { Samples } from './bench-report.ts'
import { toMicrosecond } from './rounded.ts'

/** The columns of the measured requests that succeeded. */
export function samplesOf(records: readonly RequestRecord[]): Samples {
  const measured = records.filter(({ phase, outcome }) => phase === 'measure' && outcome === 'ok')
  const latencies = measured.map(latenciesOf)
  return {
    due: measured.map(({ dueMs }) => toMicrosecond(dueMs)),
    ttft: latencies.map(({ ttft }) => toMicrosecond(ttft)),
    tpot: latencies.map(({ tpot }) => rounded(tpot)),
    e2e: latencies.map(({ e2e }) => toMicrosecond(e2e)),
    largestGap: latencies.map(({ largestGap }) => rounded(largestGap)),
    outputTokens: measured.map(({ outputTokens }) => outputTokens),
  }
}

function rounded(ms: number | null): number | null {
  return ms === null ? null : toMicrosecond(ms)
}
