import { deviation, mean, quantile, ratioSpread } from '../../statistics/index.ts'
import type { Distribution, Estimate } from './measures.ts'
import type { Sample } from './sample.ts'

/** All figures are 0 where there is no value. */
export function distributionOf({ values, starts }: Sample): Distribution {
  const { length: count } = values
  if (count === 0) {
    const nothing = { value: 0, low: null, high: null }
    return { count, mean: nothing, deviation: 0, min: 0, max: 0, p50: null, p90: null, p95: null, p99: null }
  }
  const sorted = values.slice().sort()
  const counts = Float64Array.from(starts.subarray(1), (end, i) => end - starts[i]!)
  const at = (q: number) => (count * (1 - q) < 10 - 1e-9 ? null : percentileOf(values, sorted, starts, counts, q))
  return {
    count,
    mean: meanOf(values, starts, counts),
    deviation: deviation(values),
    min: sorted[0]!,
    max: sorted[count - 1]!,
    p50: at(0.5),
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99),
  }
}

function meanOf(values: Float64Array, starts: Uint32Array, counts: Float64Array): Estimate {
  const value = mean(values)
  const spread = ratioSpread(
    totals(values, starts, value => value),
    counts,
  )
  if (!spread) return { value, low: null, high: null }
  return { value, low: value + spread.low, high: value + spread.high }
}

/**
 * The interval is that of the share below the percentile, read from the distribution at its ends: Woodruff, "Confidence
 * Intervals for Medians and Other Position Measures", 1952. None where it would reach beyond what was seen.
 */
function percentileOf(
  values: Float64Array,
  sorted: Float64Array,
  starts: Uint32Array,
  counts: Float64Array,
  q: number,
): Estimate {
  const value = quantile(sorted, q)
  const spread = ratioSpread(
    totals(values, starts, other => (other < value ? 1 : other > value ? 0 : 0.5)),
    counts,
  )
  if (!spread || q + spread.low <= 0 || q + spread.high >= 1) return { value, low: null, high: null }
  // Among equal values the share may leave the percentile itself outside.
  const low = Math.min(value, quantile(sorted, q + spread.low))
  const high = Math.max(value, quantile(sorted, q + spread.high))
  return { value, low, high }
}

function totals(values: Float64Array, starts: Uint32Array, count: (value: number) => number): Float64Array {
  const sums = new Float64Array(starts.length - 1)
  for (let request = 0; request < sums.length; request++) {
    const end = starts[request + 1]!
    let total = 0
    for (let i = starts[request]!; i < end; i++) total += count(values[i]!)
    sums[request] = total
  }
  return sums
}
