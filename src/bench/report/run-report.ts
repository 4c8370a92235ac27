import type { Measures } from '../measures/measures.ts'
import type { RunResult } from '../run/run.ts'
import type { RunReport } from './bench-report.ts'

/** A run as it stands in a report: its measures, and what charts and comparisons need of its records. */
export function runReport(
  _result: RunResult,
  _measures: Measures,
  _rest: Pick<RunReport, 'label' | 'parameters' | 'verdict' | 'calibration' | 'phases' | 'gpu'>,
): RunReport {
  throw new Error('not there yet')
}
