/** The share of a standard normal distribution below `x`. By Marsaglia's series, "Evaluating the Normal Distribution", 2004. */
export function normalCdf(x: number): number {
  // Beyond this a double holds no difference from the ends.
  if (Math.abs(x) > 8.3) return x < 0 ? 0 : 1
  let total = x
  let before = 0
  for (let i = 3, term = x; total !== before; i += 2) {
    before = total
    term *= (x * x) / i
    total += term
  }
  return Math.min(1, Math.max(0, 0.5 + total * density(x)))
}

/** What `normalCdf` gives `share` (0…1, without the ends) for. */
export function normalQuantile(share: number): number {
  if (share > 0.5) return -normalQuantile(1 - share)
  // Abramowitz and Stegun 26.2.23 begins within 0.00045 of it; Newton ends.
  const t = Math.sqrt(-2 * Math.log(share))
  let x = (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t
  for (let i = 0; i < 3 && density(x) > 0; i++) x -= (normalCdf(x) - share) / density(x)
  return x
}

/**
 * The like of `normalQuantile` for Student's t. Abramowitz and Stegun 26.7.5: within 0.3 % at 97.5 % from 4 degrees of
 * freedom on.
 */
export function studentQuantile(share: number, freedom: number): number {
  const z = normalQuantile(share)
  const z2 = z * z
  const first = (z * (z2 + 1)) / 4
  const second = (z * ((5 * z2 + 16) * z2 + 3)) / 96
  const third = (z * (((3 * z2 + 19) * z2 + 17) * z2 - 15)) / 384
  const fourth = (z * ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945)) / 92160
  return z + (first + (second + (third + fourth / freedom) / freedom) / freedom) / freedom
}

function density(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI)
}
