import type { Measures } from '../measures/measures.ts'
import type { RunResult } from '../run/run.ts'
import type { RunReport } from './bench-report.ts'
import { samplesOf } from './samples.ts'
import { seriesOf } from './series.ts'
import { withoutSecrets } from './without-secrets.ts'

/** A run as it stands in a report: its measures, and what charts and comparisons need of its records. */
export function runReport(
  { spec, info, startedAt, records, client, cutShort }: RunResult,
  measures: Measures,
  rest: Pick<RunReport, 'label' | 'parameters' | 'verdict' | 'calibration' | 'phases' | 'gpu' | 'probe'>,
): RunReport {
  const { model, backend, contextLength, weightType, maxSequences } = info
  const samples = samplesOf(records)
  return {
    label: rest.label,
    parameters: rest.parameters,
    ...(rest.probe && { probe: true }),
    startedAt,
    spec: withoutSecrets(spec),
    info: { model, backend, contextLength, weightType, maxSequences },
    verdict: rest.verdict,
    measures,
    client,
    calibration: rest.calibration,
    phases: rest.phases,
    gpu: rest.gpu,
    series: seriesOf(records, samples),
    samples,
    cutShort,
  }
}
