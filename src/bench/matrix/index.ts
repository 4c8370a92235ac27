/** Cells of models, batches, prompts, GPUs and quantisations, each measured once. */
export { columnsFor, shown } from './matrix-columns.ts'
export { matrixCsv } from './matrix-csv.ts'
export { readMatrixFile } from './matrix-file.ts'
export { matrixHtml } from './matrix-html.ts'
export type { MatrixSummary } from './matrix-summary.ts'
export { runMatrix } from './run-matrix.ts'
