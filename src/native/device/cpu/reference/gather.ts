/**
 * `out[i] = x[rows[i]]`
 *
 * @param out - `[rows, width]`
 * @param x - `[…, width]`
 */
export function gather(out: Float32Array, x: Float32Array, rows: Int32Array, width: number): void {
  for (let i = 0; i < rows.length; i++) out.set(x.subarray(rows[i]! * width, (rows[i]! + 1) * width), i * width)
}
