import { quantile } from '../../statistics/index.ts'
import { toMicrosecond } from './rounded.ts'

const STEPS = 200

/** The values at shares 0, 0.005 … 1; nothing of nothing. */
export function quantileCurve(values: ArrayLike<number>): readonly number[] {
  const ascending = new Float64Array(values).sort()
  if (ascending.length === 0) return []
  return Array.from({ length: STEPS + 1 }, (_, i) => toMicrosecond(quantile(ascending, i / STEPS)))
}
