import { type Cell, csvText } from '../csv-text.ts'
import type { EngineReport, EngineRow } from './report.ts'

/** Every column of the CSV, and what stands in it. */
const COLUMNS: Readonly<Record<string, (of: { row: EngineRow; report: EngineReport }) => Cell>> = {
  date: ({ report }) => report.date,
  commit: ({ report }) => report.commit,
  gpu: ({ report }) => report.machine.gpu,
  cpu: ({ report }) => report.machine.cpu,
  backend: ({ report }) => report.backend,
  model: ({ report }) => report.model,
  weights: ({ report }) => report.weights,
  kv_type: ({ report }) => report.kvType,
  without: ({ row }) => row.without.join(' '),
  test: ({ row }) => row.test,
  kind: ({ row }) => row.kind,
  tokens: ({ row }) => row.tokens,
  depth: ({ row }) => row.depth,
  batch: ({ row }) => row.batch,
  tokens_per_second: ({ row }) => row.figures?.tokensPerSecond.mean,
  tokens_per_second_deviation: ({ row }) => row.figures?.tokensPerSecond.deviation,
  ms_per_step: ({ row }) => row.figures?.msPerStep,
  first_token_ms: ({ row }) => row.figures?.firstTokenMs,
  gigabytes_per_second: ({ row }) => row.figures?.gigabytesPerSecond,
  teraflops: ({ row }) => row.figures?.teraflops,
  bound: ({ row }) => row.figures?.bound,
  of_ceiling: ({ row }) => row.figures?.ofCeiling,
  host_microseconds_per_step: ({ row }) => row.figures?.hostMicrosecondsPerStep,
  kernels_per_step: ({ row }) => row.figures?.kernelsPerStep,
  graph: ({ row }) => row.figures?.graph,
  skipped: ({ row }) => row.skipped,
}

/** A line for each row. */
export function toCsv(report: EngineReport): string {
  return csvText(
    COLUMNS,
    report.rows.map(row => ({ row, report })),
  )
}
