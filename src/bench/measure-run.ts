import { calibrate, knownCalibration } from './calibrate/calibrate.ts'
import { judge } from './calibrate/judge.ts'
import { GpuSampler } from './gpu/gpu-sampler.ts'
import { gpuUsage } from './gpu/gpu-usage.ts'
import type { Objective } from './measures/measures.ts'
import { measuresOf } from './measures/measures-of.ts'
import { phasesOf } from './phases/phases-of.ts'
import type { RequestRecord } from './record/request-record.ts'
import type { RunReport } from './report/bench-report.ts'
import { runReport } from './report/run-report.ts'
import type { RunSpec } from './run/run.ts'
import { type RunOptions, runLoad } from './run/run-load.ts'

export interface MeasureOptions extends RunOptions {
  /** See {@link RunReport}. Default: the target, and nothing. */
  readonly label?: string
  readonly parameters?: RunReport['parameters']
  readonly probe?: boolean
  readonly objectives?: readonly Objective[]
  /** Whether to measure the client first. Default true; a preset of many runs does so once for all that are alike. */
  readonly calibrate?: boolean
}

export interface Measured {
  readonly report: RunReport
  /** Of all phases. */
  readonly records: readonly RequestRecord[]
}

/** One run from its spec to its report: what all presets are made of. */
export async function measureRun(spec: RunSpec, options: MeasureOptions = {}): Promise<Measured> {
  const { label = spec.target, parameters = {}, objectives = [], signal } = options
  const calibration = options.calibrate === false ? knownCalibration(spec) : await calibrate(spec, signal)
  using sampler = GpuSampler.start()
  const result = await runLoad(spec, options)
  const { records, client } = result
  const measures = measuresOf(result, objectives)
  const report = runReport(result, measures, {
    label,
    parameters,
    calibration,
    verdict: judge(spec, measures, client, calibration),
    phases: phasesOf(records.filter(({ phase }) => phase === 'measure')),
    gpu: gpuUsage(sampler, result, measures),
    ...(options.probe && { probe: true }),
  })
  return { report, records }
}
