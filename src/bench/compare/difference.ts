import { mean } from '../../statistics/index.ts'
import type { Observation } from './observation.ts'

/** Between two sides, on a scale of logarithms. */
export interface Difference {
  readonly value: number
  readonly error: number
  /** Degrees of freedom of its t distribution. */
  readonly freedom: number
}

/**
 * What is known of how runs differ before any was repeated weighs as much as so many repeats.
 */
const PRIOR_FREEDOM = 8

/**
 * The second side less the first. Each run varies by its own variance and, from run to run, by `runDeviation` more, which
 * a single run cannot tell of itself: it is assumed, and mended by how far repeated runs of one side lie apart from each
 * other. The variance is moderated as in Smyth, "Linear Models and Empirical Bayes Methods", 2004: it is the expected one
 * times (d₀ + χ²) / (d₀ + d), of d₀ degrees of freedom beforehand and d from repeats, and t has d₀ + d of them.
 */
export function differenceOf(
  baseline: readonly Observation[],
  other: readonly Observation[],
  runDeviation: number,
): Difference {
  const sides = [sideOf(baseline, runDeviation), sideOf(other, runDeviation)] as const
  return moderated(sides[1].value - sides[0].value, sides)
}

/**
 * The like for runs that took turns, `baseline[i]` beside `other[i]`: what both of a pair have in common, as a machine that
 * grows hot, falls out.
 */
export function pairedDifferenceOf(
  baseline: readonly Observation[],
  other: readonly Observation[],
  runDeviation: number,
): Difference {
  const pairs = baseline.map((first, i) => ({
    value: other[i]!.value - first.value,
    variance: first.variance + other[i]!.variance + runDeviation ** 2,
  }))
  const side = sideOf(pairs, runDeviation)
  return moderated(side.value, [side])
}

interface Side {
  readonly value: number
  readonly expected: number
  readonly chiSquare: number
  readonly freedom: number
}

function sideOf(observations: readonly Observation[], runDeviation: number): Side {
  const value = mean(observations.map(each => each.value))
  const variance = mean(observations.map(each => each.variance)) + runDeviation ** 2
  return {
    value,
    expected: variance / observations.length,
    chiSquare: observations.reduce((sum, each) => sum + (each.value - value) ** 2 / variance, 0),
    freedom: observations.length - 1,
  }
}

function moderated(value: number, sides: readonly Side[]): Difference {
  const total = (of: (side: Side) => number) => sides.reduce((sum, side) => sum + of(side), 0)
  const freedom = PRIOR_FREEDOM + total(side => side.freedom)
  const scale = (PRIOR_FREEDOM + total(side => side.chiSquare)) / freedom
  return { value, error: Math.sqrt(scale * total(side => side.expected)), freedom }
}
