import type { Machine } from '../machine.ts'
import type { Figures, Most } from './figures.ts'

/** One work, measured; or why it was not. */
export interface EngineRow {
  /** e.g. `pp512`, `tg128 @ d2048`. */
  readonly test: string
  readonly kind: 'prompt' | 'generate'
  readonly tokens: number
  readonly depth: number
  readonly batch: number
  /** Techniques that were turned off for it by `--ablate`. */
  readonly without: readonly string[]
  /** Null where it was not measured: see `skipped`. */
  readonly figures: (Figures & Launches) | null
  /** Why the engine, as it was opened, cannot do it; or what went wrong. */
  readonly skipped: string | null
  /** Something went wrong, and nothing was measured after it. */
  readonly failed: boolean
}

/** Of the last step that was enqueued; null on a CPU. */
export interface Launches {
  readonly kernelsPerStep: number | null
  readonly graph: boolean | null
}

export interface EngineReport {
  readonly command: string
  /** ISO 8601. */
  readonly date: string
  /** Of the checkout that ran; null outside of one. `-dirty`: with changes of its own. */
  readonly commit: string | null
  readonly machine: Machine
  readonly model: string
  /** How weights, and keys and values, are kept. */
  readonly weights: string
  readonly kvType: string
  readonly backend: string
  readonly ceilings: Most | null
  readonly rows: readonly EngineRow[]
}
