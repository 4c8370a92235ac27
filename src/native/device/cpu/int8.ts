/** The smallest float whose precision is whole: below it, quotients are no longer what they should be. */
const SMALLEST_NORMAL = 2 ** -126
/** Added to a float and taken away again, it leaves the nearest integer, ties to even. */
const ROUNDER = 1.5 * 2 ** 23

/**
 * Quantises one row of a weight to int8, symmetrically: `scale = max|w| / 127`, `q = round(w / scale)`, rounding to
 * nearest, ties to even, so that `w ≈ q · scale` with an error of at most `scale / 2`. A row of zeros, or next to nothing, has scale 0.
 *
 * @param q - `[inner]`, written
 * @param row - `[inner]`
 * @returns the scale, a float
 */
export function quantiseRow(q: Int8Array, row: Float32Array): number {
  let largest = 0
  for (let k = 0; k < row.length; k++) largest = Math.max(largest, Math.abs(row[k]!))
  const scale = Math.fround(largest / 127)
  if (scale < SMALLEST_NORMAL) {
    q.fill(0)
    return 0
  }
  for (let k = 0; k < row.length; k++) q[k] = Math.fround(Math.fround(row[k]! / scale) + ROUNDER) - ROUNDER
  return scale
}
