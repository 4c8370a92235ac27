import { mean, quantile } from '../../statistics/index.ts'
import type { RunReport, Samples } from '../report/bench-report.ts'

/** What a load gave. */
export interface LoadPoint {
  /** Users, or requests per second. */
  readonly load: number
  readonly tokensPerSecond: number
  /** Mean time to the end of an answer. */
  readonly latencyMs: number
  /** Requests per second that kept their objectives; null where there were none. */
  readonly goodput: number | null
  /** Requests came faster than they were answered. */
  readonly backlogGrows: boolean
}

/** Less is no growth, and no fall. */
const GROWTH = 0.05
/** So much of the time that passed means that waiting grows without end: a target 8 % too slow shows it. */
const BACKLOG_SHARE = 0.05
/** Fewer requests tell nothing. */
const FEWEST = 12

export function loadPoint(load: number, { measures, samples, spec }: RunReport): LoadPoint {
  return {
    load,
    tokensPerSecond: measures.tokens.outputPerSecond.value,
    latencyMs: measures.e2e.count === 0 ? Number.POSITIVE_INFINITY : measures.e2e.mean.value,
    goodput: measures.goodput?.perSecond ?? null,
    backlogGrows: spec.load.kind !== 'closed' && backlogGrows(samples),
  }
}

/** Whether the second load gives no more than the first, and lets its users wait longer for it; or less that is good. */
export function isSaturated(before: LoadPoint, after: LoadPoint): boolean {
  if (after.backlogGrows || goodputFalls(before, after)) return true
  const grew = after.tokensPerSecond > before.tokensPerSecond * (1 + GROWTH)
  return !grew && after.latencyMs > before.latencyMs * (1 + GROWTH)
}

export function goodputFalls(before: LoadPoint, after: LoadPoint): boolean {
  return before.goodput !== null && after.goodput !== null && after.goodput < before.goodput * (1 - GROWTH)
}

/**
 * Whether users waited longer the later they came: the last third of them beside the first. Where more comes than is
 * answered, by a share f, waiting grows by f of the time that passes; where it does not, only chance makes it grow.
 */
export function backlogGrows({ due, ttft }: Pick<Samples, 'due' | 'ttft'>): boolean {
  const third = Math.floor(due.length / 3)
  if (due.length < FEWEST) return false
  const passed = mean(due.slice(-third)) - mean(due.slice(0, third))
  return median(ttft.slice(-third)) - median(ttft.slice(0, third)) > BACKLOG_SHARE * passed
}

/** One stall is no backlog. */
function median(values: readonly number[]): number {
  return quantile(Float64Array.from(values).sort(), 0.5)
}
