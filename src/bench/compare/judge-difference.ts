import { studentQuantile } from '../../statistics/index.ts'
import type { ComparisonVerdict } from './comparison.ts'
import type { Difference } from './difference.ts'

export interface Judgement {
  readonly low: number
  readonly high: number
  readonly verdict: ComparisonVerdict
}

export interface JudgeOptions {
  /** Whether greater is better. */
  readonly rises: boolean
  /** Differences to either side that are none. */
  readonly margin: number
  /** Below this nothing is worse, however sure. */
  readonly floor: number
  /** How many measures may call the whole worse. */
  readonly tests: number
}

/** To either side: of a wrong `same`, and of a wrong `worse` or `better`. */
const SAME_TAIL = 0.05
const CHANGED_TAIL = 0.025

/**
 * `same` where both ends of the margin are ruled out at 5 %, that is where the 90 % interval lies within it: all who must
 * be the same must show it, so that no correction is due (two one-sided tests: Schuirmann, 1987; Berger, 1982). `worse` or
 * `better` where an interval of 95 %, made wider for the number of tests (Bonferroni), leaves out 0 and the difference is
 * above the floor. The interval that is told is of 95 %.
 */
export function judgeDifference({ value, error, freedom }: Difference, options: JudgeOptions): Judgement {
  const { rises, margin, floor, tests } = options
  const reach = (tail: number) => error * studentQuantile(1 - tail, freedom)
  const low = value - reach(CHANGED_TAIL)
  const high = value + reach(CHANGED_TAIL)
  if (Math.abs(value) + reach(SAME_TAIL) <= margin) return { low, high, verdict: 'same' }
  const sure = Math.abs(value) > reach(CHANGED_TAIL / tests) && Math.abs(value) > floor
  return { low, high, verdict: sure ? (value > 0 === rises ? 'better' : 'worse') : 'inconclusive' }
}
