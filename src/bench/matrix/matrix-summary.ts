import type { Machine } from '../machine.ts'
import type { CellResult } from './cell-result.ts'
import type { MatrixSpec } from './matrix-spec.ts'

/** All cells of a matrix, in its order; as JSON, `summary.json`. */
export interface MatrixSummary {
  readonly schema: 'warpline-matrix/1'
  readonly command: string
  /** ISO 8601. */
  readonly date: string
  readonly commit: string | null
  readonly machine: Machine
  readonly spec: MatrixSpec
  readonly cells: readonly CellResult[]
  /** Cells that were not come to: it was interrupted. */
  readonly missing: number
}
