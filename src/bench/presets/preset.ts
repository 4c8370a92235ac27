import type { LoadSpec } from '../load/load.ts'
import type { Measured, MeasureOptions } from '../measure-run.ts'
import type { Objective } from '../measures/measures.ts'
import type { RunReport } from '../report/bench-report.ts'
import type { Extent, RunSpec } from '../run/run.ts'

/** What was chosen; a preset fills in what was not. */
export interface PresetSettings extends Pick<RunSpec, 'open' | 'work' | 'seed' | 'processes' | 'requestTimeoutMs'> {
  /** One; of `pair` two, of `scaling` any number, smallest first. */
  readonly targets: readonly string[]
  /** One, or a sweep's in order; none where nothing was chosen. */
  readonly loads: readonly LoadSpec[]
  readonly warmUp?: Extent
  readonly measure?: Extent
  readonly objectives: readonly Objective[]
  /** Of the requests offered, how many must be good for a load to hold. */
  readonly share?: number
  /** GPUs or ranks of each target of `scaling`. Default: they are not known, and no efficiency is told. */
  readonly sizes?: readonly number[]
  /** Of `pair`: how often both are measured. Default 8. */
  readonly blocks?: number
  readonly calibrate: boolean
}

/** What a preset works with. */
export interface PresetTools {
  /** `measureRun`, or what stands in for it. A run that it returned is kept, whatever becomes of the preset. */
  measure(spec: RunSpec, options: MeasureOptions): Promise<Measured>
  /** Once it is aborted no further run begins. */
  readonly signal?: AbortSignal
}

export interface Preset {
  readonly name: string
  run(settings: PresetSettings, tools: PresetTools): Promise<PresetResult>
}

export interface PresetResult {
  readonly runs: readonly RunReport[]
  /** A line each: what the runs say together. */
  readonly findings: readonly string[]
}
