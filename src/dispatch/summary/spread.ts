import { mean, quantile } from '../../statistics/index.ts'

/** Of values in ms. Quantiles are of type 7, as numpy's. */
export interface Spread {
  readonly mean: number
  readonly p50: number
  readonly p95: number
  readonly p99: number
  readonly max: number
}

/** Undefined of nothing. */
export function spreadOf(values: Float64Array): Spread | undefined {
  if (values.length === 0) return undefined
  const ascending = values.slice().sort()
  return {
    mean: mean(ascending),
    p50: quantile(ascending, 0.5),
    p95: quantile(ascending, 0.95),
    p99: quantile(ascending, 0.99),
    max: ascending[ascending.length - 1]!,
  }
}
