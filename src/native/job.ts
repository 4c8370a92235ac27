import type { ResolvedSampling } from '../engine/index.ts'

/** A request as the engine's thread knows it: tokens in, everything decided. */
export interface Job {
  readonly id: number
  readonly prompt: readonly number[]
  readonly sampling: ResolvedSampling & { readonly seed: number; readonly maxTokens: number }
  /** Lower runs earlier. */
  readonly priority: number
  readonly cacheSalt: string
}
