import type { Measures } from '../measures/measures.ts'
import type { Calibration, Verdict } from '../report/bench-report.ts'
import type { ClientHealth, RunSpec } from '../run/run.ts'

/** Whether the figures of a run are the target's, or the client's own. */
export function judge(
  _spec: RunSpec,
  _measures: Measures,
  _client: ClientHealth,
  _calibration: Calibration | null,
): Verdict {
  throw new Error('not there yet')
}
