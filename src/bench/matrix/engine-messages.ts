import type { NativeOptions } from '../../native/index.ts'
import type { Cell } from './cell.ts'
import type { CellSteps, MeasuredCell } from './measure-cell.ts'

/** What an engine's process is told: all that it is to do. */
export interface EngineTask {
  readonly model: string
  readonly options: NativeOptions
  readonly cells: readonly Cell[]
  readonly steps: CellSteps
  readonly ceilings: boolean
}

export type FromEngine =
  | { readonly type: 'opened'; readonly engine: OpenedEngine }
  /** Nothing can be measured. */
  | { readonly type: 'refused'; readonly message: string }
  | { readonly type: 'progress'; readonly text: string }
  /** Of `cells[index]`. */
  | { readonly type: 'measured'; readonly index: number; readonly measured: MeasuredCell }
  | { readonly type: 'skipped'; readonly index: number; readonly reason: string }
  /** Nothing is measured after it. */
  | { readonly type: 'failed'; readonly index: number; readonly message: string }

export interface OpenedEngine {
  readonly backend: string
  readonly weights: string
  /** Undefined where no GPU computes. */
  readonly gpu: string | undefined
  readonly memoryBytes: number
}
