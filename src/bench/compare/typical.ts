import { mean, quantile, ratioSpread } from '../../statistics/index.ts'

/**
 * The mean after the smallest and the greatest tenth were drawn in to the rest (winsorised: Tukey and McLaughlin, 1963),
 * and its standard error by a bootstrap of blocks. Unlike a median it does not jump between the humps of what comes in
 * steps, and unlike a mean it is not one stall's.
 */
export function typical(inOrder: Float64Array): { readonly value: number; readonly error: number | undefined } {
  const sorted = inOrder.slice().sort()
  const low = quantile(sorted, 0.1)
  const high = quantile(sorted, 0.9)
  const drawnIn = inOrder.map(value => Math.min(high, Math.max(low, value)))
  return { value: mean(drawnIn), error: ratioSpread(drawnIn, new Float64Array(drawnIn.length).fill(1))?.error }
}
