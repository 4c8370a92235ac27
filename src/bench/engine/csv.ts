import type { EngineReport, EngineRow } from './report.ts'

type Cell = string | number | boolean | null | undefined

/** Every column of the CSV, and what stands in it. */
const COLUMNS: Readonly<Record<string, (row: EngineRow, report: EngineReport) => Cell>> = {
  date: (_, { date }) => date,
  commit: (_, { commit }) => commit,
  gpu: (_, { machine }) => machine.gpu,
  cpu: (_, { machine }) => machine.cpu,
  backend: (_, { backend }) => backend,
  model: (_, { model }) => model,
  weights: (_, { weights }) => weights,
  kv_type: (_, { kvType }) => kvType,
  without: ({ without }) => without.join(' '),
  test: ({ test }) => test,
  kind: ({ kind }) => kind,
  tokens: ({ tokens }) => tokens,
  depth: ({ depth }) => depth,
  batch: ({ batch }) => batch,
  tokens_per_second: ({ figures }) => figures?.tokensPerSecond.mean,
  tokens_per_second_deviation: ({ figures }) => figures?.tokensPerSecond.deviation,
  ms_per_step: ({ figures }) => figures?.msPerStep,
  first_token_ms: ({ figures }) => figures?.firstTokenMs,
  gigabytes_per_second: ({ figures }) => figures?.gigabytesPerSecond,
  teraflops: ({ figures }) => figures?.teraflops,
  bound: ({ figures }) => figures?.bound,
  of_ceiling: ({ figures }) => figures?.ofCeiling,
  host_microseconds_per_step: ({ figures }) => figures?.hostMicrosecondsPerStep,
  kernels_per_step: ({ figures }) => figures?.kernelsPerStep,
  graph: ({ figures }) => figures?.graph,
  skipped: ({ skipped }) => skipped,
}

/** RFC 4180 with line feeds: a header, then a line for each row; what is not known is empty. */
export function toCsv(report: EngineReport): string {
  const lines = report.rows.map(row => Object.values(COLUMNS).map(cell => quoted(cell(row, report))))
  return `${[Object.keys(COLUMNS), ...lines].map(cells => cells.join(',')).join('\n')}\n`
}

function quoted(cell: Cell): string {
  const text = String(cell ?? '')
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
