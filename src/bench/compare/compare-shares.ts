import { isDeepStrictEqual } from 'node:util'
import { effectiveSampleSize } from '../../statistics/index.ts'
import type { RunReport } from '../report/bench-report.ts'
import { columnOf } from './compared-measures.ts'
import type { ComparisonVerdict, MeasureComparison } from './comparison.ts'
import { judgeDifference } from './judge-difference.ts'

interface Share {
  readonly name: string
  readonly better: 'lower' | 'higher'
  /** 0…1 of the requests offered; undefined where a run has none. */
  readonly of: (run: RunReport) => number | undefined
}

const SHARES: readonly Share[] = [
  { name: 'errors', better: 'lower', of: ({ measures: { requests } }) => requests.failed / requests.offered },
  { name: 'goodput', better: 'higher', of: ({ measures }) => measures.goodput?.share },
]

export const SHARE_COUNT = SHARES.length

/** A point in a hundred is no difference. */
const FLOOR = 0.01

/** Shares of requests of both sides, as differences: those of errors, and of good ones where objectives were set. */
export function compareShares(
  baseline: readonly RunReport[],
  other: readonly RunReport[],
  { margin, tests }: { readonly margin: number; readonly tests: number },
): readonly MeasureComparison[] {
  const bounds = [...baseline, ...other].map(({ measures }) => measures.goodput?.objectives)
  const alike = bounds.every(each => isDeepStrictEqual(each, bounds[0]))
  return SHARES.flatMap(share => {
    // What kept other bounds is no measure of the same.
    if (share.name === 'goodput' && !alike) return []
    const a = countsOf(baseline, share)
    const b = countsOf(other, share)
    if (!a || !b) return []
    const change = b.share - a.share
    const rises = share.better === 'higher'
    const { low, high, verdict } = judgeDifference(difference(a, b), { rises, margin, floor: FLOOR, tests })
    const small = Math.abs(change) <= FLOOR
    const bounded = a.share > 0 || b.share > 0
    return {
      name: share.name,
      unit: 'share' as const,
      better: share.better,
      role: 'warns' as const,
      baseline: a.share,
      value: b.share,
      change,
      low: bounded ? Math.min(low, change) : null,
      high: bounded ? Math.max(high, change) : null,
      effect: null,
      shift: null,
      verdict: small ? ('same' as ComparisonVerdict) : verdict,
    }
  })
}

interface Counts {
  readonly share: number
  /** Independent requests. */
  readonly tries: number
}

function countsOf(runs: readonly RunReport[], share: Share): Counts | undefined {
  let hits = 0
  let offered = 0
  let tries = 0
  for (const run of runs) {
    const value = share.of(run)
    const count = run.measures.requests.offered
    if (value === undefined || count === 0) return undefined
    hits += value * count
    offered += count
    tries += count * independence(run)
  }
  return { share: hits / offered, tries }
}

/** Neighbours share their fate as far as they share their TTFT. */
function independence({ samples }: RunReport): number {
  const values = columnOf(samples, 'ttft')
  return values.length === 0 ? 1 : effectiveSampleSize(values) / values.length
}

/** With one hit and one miss more on each side: Agresti and Caffo, 2000, which holds for few of either as well. */
function difference(a: Counts, b: Counts) {
  const [p, q] = [a, b].map(({ share, tries }) => (share * tries + 1) / (tries + 2)) as [number, number]
  const error = Math.sqrt((p * (1 - p)) / (a.tries + 2) + (q * (1 - q)) / (b.tries + 2))
  return { value: q - p, error, freedom: Number.POSITIVE_INFINITY }
}
