import { Histogram, logBounds, quantile } from '../../statistics/index.ts'
import type { RequestRecord } from '../record/request-record.ts'
import type { Samples, Series } from './bench-report.ts'
import { quantileCurve } from './quantile-curve.ts'
import { toMicrosecond } from './rounded.ts'
import { TimeBuckets } from './time-buckets.ts'

/** What a heat map's rows may end at, in ms; of these a run has those between its shortest gap and its longest. */
const GAP_BOUNDS = logBounds(0.01, 1e6, 8)

/** A run over its time, all phases of it, and the distributions of what was measured. */
export function seriesOf(records: readonly RequestRecord[], samples: Samples): Series {
  const buckets = new TimeBuckets(records.reduce((end, { endMs }) => Math.max(end, endMs), 0))
  const perSecond = 1 / buckets.seconds
  const inFlight = new Float64Array(buckets.count)
  const answered = new Float64Array(buckets.count)
  const tokens = new Float64Array(buckets.count)
  const failed = new Float64Array(buckets.count)
  const ttfts = lists(buckets.count)
  const gaps = lists(buckets.count)
  const measuredGaps: number[] = []
  for (const record of records) {
    const { arrivalsMs, arrivalTokens, dueMs, sentMs, endMs, outcome } = record
    const ok = outcome === 'ok'
    buckets.cover(inFlight, sentMs, endMs)
    if (ok) answered[buckets.at(endMs)]! += perSecond
    else if (!wasLeft(record)) failed[buckets.at(endMs)]! += 1
    if (arrivalsMs.length > 0) ttfts[buckets.at(arrivalsMs[0]!)]!.push(arrivalsMs[0]! - dueMs)
    for (let i = 0; i < arrivalsMs.length; i++) {
      const bucket = buckets.at(arrivalsMs[i]!)
      tokens[bucket]! += arrivalTokens[i]! * perSecond
      if (i === 0) continue
      const gap = arrivalsMs[i]! - arrivalsMs[i - 1]!
      gaps[bucket]!.push(gap)
      if (ok && record.phase === 'measure') measuredGaps.push(gap)
    }
  }
  const ascendingTtfts = ttfts.map(values => new Float64Array(values).sort())
  const ascendingGaps = gaps.map(values => new Float64Array(values).sort())
  return {
    seconds: buckets.ends,
    inFlight: Array.from(inFlight, toMicrosecond),
    requestsPerSecond: Array.from(answered, toMicrosecond),
    outputTokensPerSecond: Array.from(tokens, toMicrosecond),
    failed: Array.from(failed),
    ttftP50: ascendingTtfts.map(values => at(values, 0.5)),
    ttftP99: ascendingTtfts.map(values => at(values, 0.99)),
    itlP99: ascendingGaps.map(values => at(values, 0.99)),
    gaps: heatOf(ascendingGaps),
    quantiles: {
      ttft: quantileCurve(samples.ttft),
      tpot: quantileCurve(samples.tpot.filter(ms => ms !== null)),
      itl: quantileCurve(measuredGaps),
      e2e: quantileCurve(samples.e2e),
    },
  }
}

/** When nothing counts any more, what is under way is aborted: that is no failure of the target's. */
function wasLeft({ phase, outcome }: RequestRecord): boolean {
  return phase === 'cool-down' && outcome === 'aborted'
}

function lists(count: number): number[][] {
  return Array.from({ length: count }, () => [])
}

function at(ascending: Float64Array, q: number): number | null {
  return ascending.length === 0 ? null : toMicrosecond(quantile(ascending, q))
}

function heatOf(ascendingGaps: readonly Float64Array[]): Series['gaps'] {
  let shortest = Number.POSITIVE_INFINITY
  let longest = 0
  for (const values of ascendingGaps) {
    if (values.length === 0) continue
    shortest = Math.min(shortest, values[0]!)
    longest = Math.max(longest, values[values.length - 1]!)
  }
  const boundsMs = GAP_BOUNDS.filter((bound, i) => bound >= shortest && (GAP_BOUNDS[i - 1] ?? -1) < longest)
  const counts = ascendingGaps.map(values => {
    const histogram = new Histogram(boundsMs)
    for (const value of values) histogram.record(value)
    return histogram.snapshot().counts
  })
  return { boundsMs, counts }
}
