/** How far a sample lies from what it should be drawn from. */
export interface Fit {
  /** The greatest distance between the two distribution functions. */
  readonly distance: number
  /** How often chance alone makes it as great or greater. */
  readonly p: number
}

/**
 * Whether independent values come from the distribution whose function `cdf` is: the test of Kolmogorov and Smirnov. `p`
 * is the limit's, with n mended after Stephens, "EDF Statistics for Goodness of Fit", 1974; good from about 5 values on.
 *
 * @example
 * kolmogorovSmirnov(gaps, gap => 1 - Math.exp(-gap / mean)).p > 0.01
 */
export function kolmogorovSmirnov(values: ArrayLike<number>, cdf: (value: number) => number): Fit {
  const sorted = Float64Array.from(values).sort()
  const { length: n } = sorted
  if (n === 0) return { distance: 0, p: 1 }
  let distance = 0
  for (const [i, value] of sorted.entries()) {
    const expected = cdf(value)
    distance = Math.max(distance, expected - i / n, (i + 1) / n - expected)
  }
  const root = Math.sqrt(n)
  return { distance, p: tail((root + 0.12 + 0.11 / root) * distance) }
}

/** Of Kolmogorov's distribution: 2 Σ (−1)^(k−1) e^(−2 k² x²). */
function tail(x: number): number {
  // Below this it is 1 to eight digits, and the series no longer ends.
  if (x < 0.3) return 1
  let total = 0
  for (let k = 1, sign = 2; k < 20; k++, sign = -sign) total += sign * Math.exp(-2 * k * k * x * x)
  return Math.min(1, Math.max(0, total))
}
