/** `residual[i] += x[i]` for `elements` values. */
export function add(residual: Float32Array, x: Float32Array, elements: number): void {
  for (let i = 0; i < elements; i++) residual[i] = residual[i]! + x[i]!
}
