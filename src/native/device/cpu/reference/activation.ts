import type { Activation } from '../../device.ts'

/** `x · σ(x)` */
export function silu(x: number): number {
  return x / (1 + Math.exp(-x))
}

/** The tanh form of GELU (Hendrycks & Gimpel 2016): `½x · (1 + tanh(√(2/π) · (x + 0.044715 x³)))` */
export function geluTanh(x: number): number {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)))
}

/**
 * Gated linear unit (Shazeer 2020): `out[r, i] = f(gateUp[r, i]) · gateUp[r, width + i]`
 *
 * @param out - `[rows, width]`
 * @param gateUp - `[rows, 2·width]`
 */
export function gatedActivation(
  out: Float32Array,
  gateUp: Float32Array,
  rows: number,
  width: number,
  activation: Activation,
): void {
  const f = activation === 'silu' ? silu : geluTanh
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < width; i++) {
      out[r * width + i] = f(gateUp[2 * r * width + i]!) * gateUp[(2 * r + 1) * width + i]!
    }
  }
}
