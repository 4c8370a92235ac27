import type { HistogramSnapshot } from './histogram.ts'

/**
 * The value that `share` (0…1) of those recorded do not exceed, by linear interpolation within its bucket as Prometheus'
 * `histogram_quantile` does; the last bound where it lies above that, NaN where nothing was recorded.
 *
 * @example
 * percentile(histogram.snapshot(), 0.99)
 */
export function percentile({ bounds, counts }: HistogramSnapshot, share: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total === 0) return Number.NaN
  let left = share * total
  for (const [i, count] of counts.entries()) {
    const upper = bounds[i]
    if (upper === undefined) break
    if (count > 0 && left <= count) {
      const lower = i === 0 ? 0 : bounds[i - 1]!
      return lower + (upper - lower) * (left / count)
    }
    left -= count
  }
  return bounds[bounds.length - 1]!
}
