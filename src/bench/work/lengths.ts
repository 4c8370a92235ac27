import type { Random } from '../../statistics/index.ts'
import type { LengthSpec } from './work.ts'

/** Draws of a bounded normal distribution before its nearest bound is taken: bounds far off its mean are hit too seldom. */
const MOST_DRAWS = 100

/** A length in tokens, 1 at least. */
export function drawLength(spec: LengthSpec, random: Random): number {
  if (spec.kind === 'fixed') return Math.max(1, spec.tokens)
  if (spec.kind === 'uniform') return Math.max(1, spec.min + random.int(spec.max - spec.min + 1))
  const { mean, deviation, min = 1, max = Number.POSITIVE_INFINITY } = spec
  for (let draws = 0; draws < MOST_DRAWS; draws++) {
    const length = Math.round(random.normal(mean, deviation))
    if (length >= min && length <= max) return length
  }
  return Math.max(1, Math.min(max, Math.max(min, Math.round(mean))))
}

/** The longest that can be drawn; undefined where there is no such bound. */
export function longestOf(spec: LengthSpec): number | undefined {
  return spec.kind === 'fixed' ? Math.max(1, spec.tokens) : spec.max
}
