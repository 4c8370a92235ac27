import { type Cell, csvText } from '../csv-text.ts'
import type { CellResult } from './cell-result.ts'
import { MATRIX_COLUMNS } from './matrix-columns.ts'
import type { MatrixSummary } from './matrix-summary.ts'

/** A line for each cell, all columns whether they tell something or not. */
export function matrixCsv({ cells }: MatrixSummary): string {
  const columns: Record<string, (result: CellResult) => Cell> = {
    date: ({ date }) => date,
    commit: ({ commit }) => commit,
    gpu: ({ machine }) => machine.gpu,
    backend: ({ backend }) => backend,
  }
  for (const { key, of } of MATRIX_COLUMNS) columns[key] = of
  return csvText(columns, cells)
}
