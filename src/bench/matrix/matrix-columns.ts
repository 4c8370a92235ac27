import type { CellResult } from './cell-result.ts'

/** A column of the summary: for people its words, for programs its key. */
export interface MatrixColumn {
  /** In CSV. */
  readonly key: string
  /** Over tables. */
  readonly title: string
  readonly of: (result: CellResult) => string | number | null
  /** Digits behind the point; texts have none. Default 0. */
  readonly digits?: number
  /** Shown only where some cell differs from this. */
  readonly unless?: string | number
}

export const MATRIX_COLUMNS: readonly MatrixColumn[] = [
  { key: 'model', title: 'model', of: ({ cell }) => cell.model },
  { key: 'gpus', title: 'GPUs', of: ({ cell }) => cell.gpus, unless: 1 },
  {
    key: 'quantize',
    title: 'weights',
    of: ({ cell, weights }) => (cell.quantize === 'none' ? (weights ?? '') : cell.quantize),
  },
  { key: 'gpu_layers', title: 'layers', of: ({ cell }) => cell.gpuLayers, unless: 'all' },
  { key: 'batch', title: 'batch', of: ({ cell }) => cell.batch },
  { key: 'prompt_tokens', title: 'prompt', of: ({ cell }) => cell.promptLength },
  { key: 'first_token_ms', title: 'first token ms', of: ({ figures }) => figures?.firstTokenMs ?? null, digits: 2 },
  { key: 'ms_per_step', title: 'ms a step', of: ({ figures }) => figures?.msPerStep ?? null, digits: 3 },
  {
    key: 'decode_tokens_per_second',
    title: 'tok/s',
    of: ({ figures }) => figures?.decodeTokensPerSecond ?? null,
    digits: 1,
  },
  { key: 'gigabytes_per_second', title: 'GB/s', of: ({ figures }) => figures?.gigabytesPerSecond ?? null },
  { key: 'of_ceiling_percent', title: '% of the most', of: ({ figures }) => percent(figures?.ofCeiling), digits: 1 },
  { key: 'bound', title: 'bound by', of: ({ figures }) => figures?.bound ?? null },
  { key: 'memory_gigabytes', title: 'memory GB', of: ({ figures }) => scaled(figures?.memoryBytes, 1e-9), digits: 2 },
  { key: 'watts', title: 'W', of: ({ figures }) => figures?.watts ?? null },
  { key: 'joules_per_token', title: 'J/token', of: ({ figures }) => figures?.joulesPerToken ?? null, digits: 3 },
  {
    key: 'host_microseconds_per_step',
    title: 'host µs',
    of: ({ figures }) => figures?.hostMicrosecondsPerStep ?? null,
  },
  { key: 'remark', title: '', of: remark },
]

/** What is wrong with it. */
export function remark({ skipped, failed, invalid }: CellResult): string | null {
  return skipped ?? failed ?? (invalid && `INVALID: ${invalid}`)
}

/** Those that tell something. */
export function columnsFor(cells: readonly CellResult[]): readonly MatrixColumn[] {
  return MATRIX_COLUMNS.filter(({ of, unless }) =>
    cells.some(cell => {
      const value = of(cell)
      return value !== null && value !== '' && value !== unless
    }),
  )
}

/** As it stands in a table; nothing is a dash. */
export function shown({ of, digits = 0, title }: MatrixColumn, cell: CellResult): string {
  const value = of(cell)
  if (value === null) return title === '' ? '' : '–'
  return typeof value === 'number' && digits > 0
    ? value.toFixed(digits)
    : String(typeof value === 'number' ? Math.round(value) : value)
}

function percent(share: number | null | undefined): number | null {
  return scaled(share, 100)
}

function scaled(value: number | null | undefined, by: number): number | null {
  return value === null || value === undefined ? null : value * by
}
