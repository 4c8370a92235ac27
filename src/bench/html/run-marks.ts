import type { RunReport } from '../report/bench-report.ts'
import type { Colour } from './chart.ts'
import { kindOf, sweepAxis } from './sweep-axis.ts'

/** The colour of run `index` in all charts: repetitions share one, and runs of a sweep show their order. */
export function colourOf(index: number, runs: readonly RunReport[]): Colour {
  const kinds = [...new Set(runs.map(run => kindOf(run, runs)))]
  const kind = kinds.indexOf(kindOf(runs[index]!, runs))
  return kinds.length > 2 && sweepAxis(runs) !== undefined ? { step: kind, steps: kinds.length } : { kind }
}

/** What a run is called in charts. */
export function nameOf({ label, verdict }: RunReport): string {
  return verdict.valid ? label : `${label} (INVALID)`
}
