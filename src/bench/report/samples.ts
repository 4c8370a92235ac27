import type { RequestRecord } from '../record/request-record.ts'
import type { Samples } from './bench-report.ts'
import { toMicrosecond } from './rounded.ts'

/** The columns of the measured requests that succeeded. */
export function samplesOf(records: readonly RequestRecord[]): Samples {
  const measured = records.filter(({ phase, outcome }) => phase === 'measure' && outcome === 'ok')
  return {
    due: measured.map(({ dueMs }) => toMicrosecond(dueMs)),
    ttft: measured.map(record => toMicrosecond(firstTextMs(record) - record.dueMs)),
    tpot: measured.map(record => rounded(tpotOf(record))),
    e2e: measured.map(({ endMs, dueMs }) => toMicrosecond(endMs - dueMs)),
    largestGap: measured.map(({ arrivalsMs }) => rounded(largestGapOf(arrivalsMs))),
    outputTokens: measured.map(({ outputTokens }) => outputTokens),
  }
}

/** When the first text came; where an answer has none, when that was known. */
function firstTextMs({ arrivalsMs, endMs }: RequestRecord): number {
  return arrivalsMs[0] ?? endMs
}

function tpotOf({ arrivalsMs, outputTokens }: RequestRecord): number | null {
  if (outputTokens < 2 || arrivalsMs.length === 0) return null
  return (arrivalsMs[arrivalsMs.length - 1]! - arrivalsMs[0]!) / (outputTokens - 1)
}

function largestGapOf(arrivalsMs: Float64Array): number | null {
  let largest: number | null = null
  for (let i = 1; i < arrivalsMs.length; i++) largest = Math.max(largest ?? 0, arrivalsMs[i]! - arrivalsMs[i - 1]!)
  return largest
}

function rounded(ms: number | null): number | null {
  return ms === null ? null : toMicrosecond(ms)
}
