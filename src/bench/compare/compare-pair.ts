import type { BenchReport, RunReport } from '../report/bench-report.ts'
import { compareRuns } from './compare-runs.ts'
import type { ComparedSide, CompareOptions, Comparison } from './comparison.ts'
import { comparisonOf } from './comparison-of.ts'
import { NotComparableError } from './not-comparable-error.ts'
import { runKey } from './run-key.ts'

/**
 * The two targets of a report of kind `pair`, whose runs took turns: `parameters` say `target` (`A`, the baseline, or `B`)
 * and `block`. Runs of one block are a pair.
 *
 * @throws NotComparableError
 */
export function comparePair(report: BenchReport, { margin = 0.05 }: CompareOptions = {}): Comparison {
  const kinds = new Map<string, Pair[]>()
  for (const pair of pairsOf(report.runs)) {
    const key = runKey(pair.a, ['target', 'block'])
    kinds.set(key, [...(kinds.get(key) ?? []), pair])
  }
  if (kinds.size === 0) {
    throw new NotComparableError(
      'the report has no pair of runs: it was cut short before both targets had been measured',
    )
  }
  const runs = [...kinds.values()].map(pairs => {
    const [a, b] = [pairs.map(pair => pair.a), pairs.map(pair => pair.b)]
    const { target: _, block: __, ...parameters } = a[0]!.parameters
    const kind = Object.entries(parameters).map(([name, value]) => `${name} ${value}`)
    const label = kind.join(', ') || `${b[0]!.spec.target} beside ${a[0]!.spec.target}`
    return { label, parameters, side: 1, ...compareRuns(a, b, { margin, paired: true, family: kinds.size }) }
  })
  const [first] = [...kinds.values()][0]!
  return comparisonOf(runs, [sideOf(report, first!.a), sideOf(report, first!.b)], margin, [])
}

interface Pair {
  readonly a: RunReport
  readonly b: RunReport
}

function pairsOf(runs: readonly RunReport[]): readonly Pair[] {
  const partner = new Map<string, RunReport>()
  for (const run of runs) if (run.parameters.target === 'B') partner.set(runKey(run, ['target']), run)
  return runs.flatMap(a => {
    const b = a.parameters.target === 'A' ? partner.get(runKey(a, ['target'])) : undefined
    return b ? [{ a, b }] : []
  })
}

function sideOf({ date, commit }: BenchReport, { spec, info }: RunReport): ComparedSide {
  return { target: spec.target, model: info.model, date, commit, reports: 1 }
}
