import type { RunReport } from '../report/bench-report.ts'
import type { Colour } from './chart.ts'
import { sweepAxis } from './sweep-axis.ts'

/** The colour of run `index` in all charts: runs of a sweep show their order. */
export function colourOf(index: number, runs: readonly RunReport[]): Colour {
  return runs.length > 2 && sweepAxis(runs) !== undefined ? { step: index, steps: runs.length } : { kind: index }
}

/** What a run is called in charts. */
export function nameOf({ label, verdict }: RunReport): string {
  return verdict.valid ? label : `${label} (INVALID)`
}
