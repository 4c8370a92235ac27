import { mean } from './moments.ts'

/**
 * How long blocks of a series must be so that drawing them at random keeps what neighbours have in common: at least
 * n^(1/3), at most n/5, between them half as long again as is best for the error's estimate, since blocks that are too short
 * claim too much, and blocks that are too long only say it less surely.
 *
 * What is best is by Politis and White, "Automatic Block-Length Selection for the Dependent Bootstrap", 2004, for circular
 * blocks, with the correction of Patton, Politis and White, 2009.
 */
export function blockLength(series: Float64Array): number {
  const { length: n } = series
  const { correlations, reach } = correlogram(series)
  let bend = 0
  let spectrum = 1
  for (let k = 1; k <= reach; k++) {
    const weighed = 2 * taper(k / reach) * (correlations[k] ?? 0)
    bend += weighed * k
    spectrum += weighed
  }
  const best = spectrum <= 0 ? 0 : Math.cbrt((1.5 * bend * bend * n) / (spectrum * spectrum))
  return Math.max(1, Math.min(Math.max(1.5 * best, Math.cbrt(n)), n / 5) | 0)
}

/**
 * How many independent values would say as much about the mean: n over 1 + 2 Σ ρ(k), the sum being cut where the
 * correlations are lost in noise. At least 1 and at most n.
 */
export function effectiveSampleSize(series: Float64Array): number {
  const { length: n } = series
  const { correlations, reach } = correlogram(series)
  let spread = 1
  for (let k = 1; k <= reach; k++) spread += 2 * taper(k / reach) * (correlations[k] ?? 0)
  return Math.min(n, Math.max(1, n / Math.max(spread, 1 / n)))
}

/**
 * Correlations of a series with itself at lags from 0, and how many of them count: twice the lag after which five and
 * more in a row are no greater than chance makes them.
 */
function correlogram(series: Float64Array): { correlations: readonly number[]; reach: number } {
  const { length: n } = series
  const centre = mean(series)
  const centred = series.map(value => value - centre)
  const variance = product(centred, 0)
  if (n < 4 || !(variance > 0)) return { correlations: [1], reach: 0 }
  const quiet = Math.max(5, Math.ceil(Math.sqrt(Math.log10(n))))
  const bound = 2 * Math.sqrt(Math.log10(n) / n)
  const most = Math.min(n - 1, Math.ceil(Math.sqrt(n)) + quiet)
  const correlations = [1]
  let last = 0
  for (let k = 1; k <= most && k - last <= quiet; k++) {
    const correlation = product(centred, k) / variance
    correlations.push(correlation)
    if (Math.abs(correlation) > bound) last = k
  }
  const reach = Math.min(2 * Math.max(1, last), most)
  for (let k = correlations.length; k <= reach; k++) correlations.push(product(centred, k) / variance)
  return { correlations, reach }
}

/** Flat up to the middle, then falling to 0. */
function taper(share: number): number {
  return share <= 0.5 ? 1 : Math.max(0, 2 * (1 - share))
}

function product(centred: Float64Array, lag: number): number {
  let total = 0
  for (let i = lag; i < centred.length; i++) total += centred[i]! * centred[i - lag]!
  return total
}
