/**
 * Quantises one row of a weight to int8, symmetrically: `scale = max|w| / 127`, `q = round(w / scale)`, so that
 * `w ≈ q · scale` with an error of at most `scale / 2`. A row of zeros has scale 0.
 *
 * @param q - `[inner]`, written
 * @param row - `[inner]`
 * @returns the scale, a float
 */
export function quantiseRow(q: Int8Array, row: Float32Array): number {
  let largest = 0
  for (let k = 0; k < row.length; k++) largest = Math.max(largest, Math.abs(row[k]!))
  const scale = Math.fround(largest / 127)
  // A subnormal maximum can round to a scale of 0, or to one that would put `w / scale` beyond 127.
  for (let k = 0; k < row.length; k++) {
    q[k] = scale === 0 ? 0 : Math.max(-127, Math.min(127, Math.round(row[k]! / scale)))
  }
  return scale
}
