/** Cells of models, batches, prompts, GPUs and quantisations, each measured once. */
export { columnsFor, type MatrixColumn, shown } from './matrix-columns.ts'
export { matrixCsv } from './matrix-csv.ts'
export { parseMatrix, readMatrixFile } from './matrix-file.ts'
export { matrixHtml } from './matrix-html.ts'
export type { MatrixSpec } from './matrix-spec.ts'
export type { MatrixSummary } from './matrix-summary.ts'
export { type MatrixOptions, runMatrix } from './run-matrix.ts'
