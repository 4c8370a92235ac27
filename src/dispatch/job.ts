import type { Input } from '../engine/index.ts'

/** A prompt of the file, by its place in it from 0 on: that is its number everywhere. */
export interface Job {
  readonly index: number
  readonly input: Input
  /** Beats what the run says. */
  readonly maxTokens?: number
  readonly ignoreEos?: boolean
}

/** A job on its way to a rank. A job that is handed out again has a higher attempt, and what an older one says is void. */
export interface Assignment {
  readonly job: number
  /** From 1. */
  readonly attempt: number
  readonly rank: number
}
