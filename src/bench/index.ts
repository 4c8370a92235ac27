/**
 * Measures engines and servers: under load, as users feel them; alone, beside what their card gives; and where a step's
 * time goes.
 */

export { comparePair } from './compare/compare-pair.ts'
export { compareReports } from './compare/compare-reports.ts'
export {
  COMPARISON_EXITS,
  type Comparison,
  type ComparisonVerdict,
  type MeasureComparison,
  type RunComparison,
} from './compare/comparison.ts'
export { type EngineReport, type EngineRow, runEngineBench, toCsv, worksOf } from './engine/index.ts'
export { toHtml } from './html/to-html.ts'
export { runLayers } from './layers/run-layers.ts'
export type { LoadSpec } from './load/load.ts'
export { commit, describeMachine } from './machine.ts'
export {
  columnsFor,
  type MatrixSummary,
  matrixCsv,
  matrixHtml,
  readMatrixFile,
  runMatrix,
  shown,
} from './matrix/index.ts'
export { type Measured, type MeasureOptions, measureRun } from './measure-run.ts'
export type { Distribution, Estimate, Measures, Objective } from './measures/measures.ts'
export type { Preset, PresetResult, PresetSettings, PresetTools } from './presets/preset.ts'
export { PRESETS } from './presets/presets.ts'
export { scalingTargets } from './presets/scaling.ts'
export { chromeTrace, type ProfileReport, runProfile, type StepReport } from './profile/index.ts'
export type { RequestRecord } from './record/request-record.ts'
export type { BenchReport, GpuUsage, RunReport } from './report/bench-report.ts'
export { describeExtent, describeLoad, describeWork } from './report/describe-spec.ts'
export { readReport } from './report/read-report.ts'
export { toCsv as toRunsCsv } from './report/to-csv.ts'
export { toJson } from './report/to-json.ts'
export { toJsonl } from './report/to-jsonl.ts'
export { toVllm } from './report/to-vllm.ts'
export type { Extent as RunExtent, RunProgress, RunSpec } from './run/run.ts'
export type { LengthSpec, WorkSpec } from './work/work.ts'
