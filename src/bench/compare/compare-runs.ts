import { cliffsDelta, hodgesLehmann, mean } from '../../statistics/index.ts'
import type { RunReport } from '../report/bench-report.ts'
import { alarmsOf } from './alarms-of.ts'
import { compareShares, SHARE_COUNT } from './compare-shares.ts'
import { COMPARED_MEASURES, type ComparedMeasure, columnOf } from './compared-measures.ts'
import type { ComparisonVerdict, MeasureComparison, RunComparison } from './comparison.ts'
import { differenceOf, pairedDifferenceOf } from './difference.ts'
import { judgeDifference } from './judge-difference.ts'
import type { Observation } from './observation.ts'
import { obstaclesOf } from './obstacles.ts'

export interface CompareRunsOptions {
  readonly margin: number
  /** Whether `baseline[i]` and `other[i]` took turns. */
  readonly paired: boolean
  /** Runs that are compared in all: each adds to the chance that one looks worse. */
  readonly family: number
}

/** Runs of one kind on both sides, each repeated any number of times. */
export function compareRuns(
  baseline: readonly RunReport[],
  other: readonly RunReport[],
  { margin, paired, family }: CompareRunsOptions,
): Pick<RunComparison, 'verdict' | 'reasons' | 'measures' | 'paired' | 'repeats'> {
  const all = [...baseline, ...other]
  const common = { paired, repeats: [baseline.length, other.length] as const }
  const { different, unsound } = obstaclesOf(baseline, other)
  if (different.length > 0) return { ...common, verdict: 'inconclusive', reasons: different, measures: [] }

  const voting = COMPARED_MEASURES.filter(({ role }) => role(baseline[0]!) !== 'shown').length
  const tests = family * (voting + SHARE_COUNT)
  const measures = [
    ...COMPARED_MEASURES.flatMap(measure => compareMeasure(measure, baseline, other, { margin, tests, paired })),
    ...compareShares(baseline, other, { margin, tests }),
  ]
  if (all.some(({ measures }) => measures.requests.ok === 0)) unsound.push('no request succeeded')
  const verdict = unsound.length > 0 ? 'inconclusive' : verdictOf(measures)
  const alarms = verdict === 'worse' ? [] : alarmsOf(measures, margin)
  return {
    ...common,
    verdict: alarms.length > 0 ? 'inconclusive' : verdict,
    reasons: [...unsound, ...alarms],
    measures,
  }
}

function compareMeasure(
  measure: ComparedMeasure,
  baseline: readonly RunReport[],
  other: readonly RunReport[],
  { margin, tests, paired }: { readonly margin: number; readonly tests: number; readonly paired: boolean },
): readonly MeasureComparison[] {
  const before = meanOf(baseline, measure)
  const after = meanOf(other, measure)
  if (before === undefined || after === undefined) return []
  const judged = judge(measure, baseline, other, { margin, tests, paired }, before)
  return [
    {
      name: measure.name,
      unit: measure.unit,
      better: measure.better,
      role: measure.role(baseline[0]!),
      baseline: before,
      value: after,
      change: judged?.change ?? after / before,
      low: judged?.low ?? null,
      high: judged?.high ?? null,
      ...effectOf(measure, baseline, other),
      verdict: judged?.verdict ?? 'inconclusive',
    },
  ]
}

function judge(
  measure: ComparedMeasure,
  baseline: readonly RunReport[],
  other: readonly RunReport[],
  { margin, tests, paired }: { readonly margin: number; readonly tests: number; readonly paired: boolean },
  before: number,
) {
  const observed = [baseline, other].map(runs => runs.map(measure.observe))
  const [first, second] = observed.map(each => each.filter((one): one is Observation => one !== undefined))
  if (!first || !second || first.length < baseline.length || second.length < other.length) return undefined
  const difference = (paired ? pairedDifferenceOf : differenceOf)(first, second, measure.runDeviation)
  const resolution = Math.log1p(measure.resolutionMs / before)
  const { low, high, verdict } = judgeDifference(difference, {
    rises: measure.better === 'higher',
    margin: Math.max(Math.log1p(margin), resolution),
    floor: Math.max(Math.log1p(margin * measure.floor), resolution),
    tests,
  })
  return { change: Math.exp(difference.value), low: Math.exp(low), high: Math.exp(high), verdict }
}

function meanOf(runs: readonly RunReport[], { value }: ComparedMeasure): number | undefined {
  const values = runs.map(value)
  return values.every(each => each !== undefined) ? mean(values) : undefined
}

function effectOf({ column }: ComparedMeasure, baseline: readonly RunReport[], other: readonly RunReport[]) {
  if (column === undefined) return { effect: null, shift: null }
  const [a, b] = [baseline, other].map(runs =>
    Float64Array.from(runs.flatMap(({ samples }) => [...columnOf(samples, column)])).sort(),
  ) as [Float64Array, Float64Array]
  return { effect: cliffsDelta(a, b), shift: hodgesLehmann(a, b) }
}

function verdictOf(measures: readonly MeasureComparison[]): ComparisonVerdict {
  const deciding = measures.filter(({ role }) => role === 'decides')
  const has = (verdict: ComparisonVerdict) => deciding.some(measure => measure.verdict === verdict)
  if (measures.some(({ role, verdict }) => role !== 'shown' && verdict === 'worse')) return 'worse'
  if (deciding.length === 0 || has('inconclusive')) return 'inconclusive'
  return has('better') ? 'better' : 'same'
}
