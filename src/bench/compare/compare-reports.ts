import type { BenchReport, RunReport } from '../report/bench-report.ts'
import { comparePair } from './compare-pair.ts'
import { compareRuns } from './compare-runs.ts'
import type { ComparedSide, CompareOptions, Comparison } from './comparison.ts'
import { comparisonOf } from './comparison-of.ts'
import { NotComparableError } from './not-comparable-error.ts'
import { runKey } from './run-key.ts'

/**
 * Each side beside the first, which is the baseline. A side is a report, or several of the same runs: repeats tell how runs
 * of one target differ. One report of two targets that took turns is compared by its pairs.
 *
 * Of each measure and run there is a logarithm and how sure it is: by blocks of its requests, and by what runs of one target
 * are assumed to differ, or are seen to. Their difference has a t distribution.
 *
 * @throws NotComparableError
 */
export function compareReports(
  reports: readonly (BenchReport | readonly BenchReport[])[],
  { margin = 0.05 }: CompareOptions = {},
): Comparison {
  const sides = reports.map(side => ('runs' in side ? [side] : side)).filter(side => side.length > 0)
  const [baseline, ...others] = sides
  if (!baseline) throw new NotComparableError('there is nothing to compare: give two reports or more')
  if (others.length === 0) {
    if (baseline.length === 1 && baseline[0]!.kind === 'pair') return comparePair(baseline[0]!, { margin })
    throw new NotComparableError('one report has nothing beside it: give two or more, or one of --pair')
  }
  const pairings = others.flatMap((other, i) => matched(baseline, other, i + 1))
  const reasons = others.flatMap((other, i) => unmatched(baseline, other, i + 1))
  if (pairings.length === 0) {
    throw new NotComparableError(`the reports have no run in common: ${reasons[0] ?? 'they are empty'}`)
  }
  const runs = pairings.map(({ side, first, second }) => ({
    label: first[0]!.label,
    parameters: first[0]!.parameters,
    side,
    ...compareRuns(first, second, { margin, paired: false, family: pairings.length }),
  }))
  return comparisonOf(runs, sides.map(sideOf), margin, reasons)
}

function matched(baseline: readonly BenchReport[], other: readonly BenchReport[], side: number) {
  const [a, b] = [byKey(baseline), byKey(other)]
  return [...a].flatMap(([key, first]) => {
    const second = b.get(key)
    return second ? [{ side, first, second }] : []
  })
}

function unmatched(baseline: readonly BenchReport[], other: readonly BenchReport[], side: number): readonly string[] {
  const [a, b] = [byKey(baseline), byKey(other)]
  const alone = (from: typeof a, to: typeof a, name: string) =>
    [...from].flatMap(([key, runs]) => (to.has(key) ? [] : [`${name} alone has the run ${runs[0]!.label}`]))
  return [...alone(a, b, 'the baseline'), ...alone(b, a, `report ${side + 1}`)]
}

function byKey(reports: readonly BenchReport[]): ReadonlyMap<string, readonly RunReport[]> {
  const runs = new Map<string, RunReport[]>()
  for (const run of reports.flatMap(report => report.runs)) {
    const same = runs.get(runKey(run))
    if (same) same.push(run)
    else runs.set(runKey(run), [run])
  }
  return runs
}

function sideOf(reports: readonly BenchReport[]): ComparedSide {
  const { date, commit, runs } = reports[0]!
  return {
    target: runs[0]?.spec.target ?? '',
    model: runs[0]?.info.model ?? '',
    date,
    commit,
    reports: reports.length,
  }
}
