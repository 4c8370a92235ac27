/**
 * Root-mean-square norm (Zhang & Sennrich 2019): `out[r] = x[r] / √(mean(x[r]²) + ε) · (weight + offset)`
 *
 * @param out - `[rows, width]`, may be `x`
 * @param x - `[rows, width]`
 * @param weight - `[width]`
 */
export function norm(
  out: Float32Array,
  x: Float32Array,
  weight: Float32Array,
  rows: number,
  width: number,
  epsilon: number,
  offset: number,
): void {
  for (let r = 0; r < rows; r++) normAt(out, r * width, x, r * width, weight, width, epsilon, offset)
}

/** One vector of {@link norm}, `width` values from `from` to `to`. */
export function normAt(
  out: Float32Array,
  to: number,
  x: Float32Array,
  from: number,
  weight: Float32Array,
  width: number,
  epsilon: number,
  offset: number,
): void {
  let squares = 0
  for (let i = 0; i < width; i++) squares += x[from + i]! * x[from + i]!
  const inverse = 1 / Math.sqrt(squares / width + epsilon)
  for (let i = 0; i < width; i++) out[to + i] = x[from + i]! * inverse * (weight[i]! + offset)
}
