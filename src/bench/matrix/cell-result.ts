import type { Machine } from '../machine.ts'
import type { Cell } from './cell.ts'

/** What a cell left behind; a JSON file of its own. */
export interface CellResult {
  readonly schema: 'warpline-matrix-cell/1'
  readonly cell: Cell
  /** What else decides what is measured: a cell counts as measured only under the same. */
  readonly conditions: Readonly<Record<string, unknown>>
  /** ISO 8601. */
  readonly date: string
  readonly commit: string | null
  readonly machine: Machine
  /** What computed, and how weights were kept. */
  readonly backend: string | null
  readonly weights: string | null
  readonly figures: CellFigures | null
  /** Why it was not measured: it has no room there, or something went wrong. */
  readonly skipped: string | null
  readonly failed: string | null
  /** Why its figures are the client's rather than the server's. */
  readonly invalid: string | null
}

export interface CellFigures {
  /**
   * In process: from the submission of all prompts of the batch to the first token of the last of them. Of a server: the
   * median over requests of their TTFT.
   */
  readonly firstTokenMs: number
  /** A decode step with the whole batch in it; of a server, the mean TPOT. */
  readonly msPerStep: number
  /** Output tokens of the whole batch per second of decoding. */
  readonly decodeTokensPerSecond: number
  /** Weights, keys and values that the steps must read; null where that is not known. */
  readonly gigabytesPerSecond: number | null
  /** Of what the card gives at best, and what of it bounds the steps. */
  readonly ofCeiling: number | null
  readonly bound: 'memory' | 'compute' | null
  /** Of the engine, or all that is taken of the cards on which a server here computes. */
  readonly memoryBytes: number | null
  /** While it decodes. */
  readonly watts: number | null
  readonly joulesPerToken: number | null
  /** Of the host's own time a step. */
  readonly hostMicrosecondsPerStep: number | null
}
