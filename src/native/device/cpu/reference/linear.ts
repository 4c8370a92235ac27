/**
 * `out[r, n] = Σ_k x[r, k] · weight[n, k] (+ bias[n])`, summed in double precision.
 *
 * @param out - `[rows, width]`
 * @param x - `[rows, inner]`
 * @param weight - `[width, inner]`
 * @param bias - `[width]`
 */
export function linear(
  out: Float32Array,
  x: Float32Array,
  weight: Float32Array,
  rows: number,
  width: number,
  inner: number,
  bias?: Float32Array,
): void {
  for (let r = 0; r < rows; r++) {
    for (let n = 0; n < width; n++) {
      let sum = bias === undefined ? 0 : bias[n]!
      for (let k = 0; k < inner; k++) sum += x[r * inner + k]! * weight[n * inner + k]!
      out[r * width + n] = sum
    }
  }
}
