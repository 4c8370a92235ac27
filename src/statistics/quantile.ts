/**
 * The value below which the share `q` (0…1) of ascending values lies: type 7 of Hyndman and Fan, "Sample Quantiles in
 * Statistical Packages", 1996, which is numpy's `linear` and what most benchmarks print. NaN of nothing.
 *
 * Of single values; {@link percentile} is its like for the buckets of a histogram.
 */
export function quantile(ascending: ArrayLike<number>, q: number): number {
  const place = (ascending.length - 1) * q
  const below = Math.floor(place)
  const low = ascending[below] ?? Number.NaN
  const high = ascending[below + 1]
  return high === undefined || place === below ? low : low + (high - low) * (place - below)
}
