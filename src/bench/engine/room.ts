import { BLOCK_SIZE, contextSizes, kvBlockBytes, type ModelConfig, type NativeOptions } from '../../native/index.ts'

/** So many sequences of so many tokens at once. */
export interface Need {
  readonly sequences: number
  readonly context: number
}

/** The most sequences that every device's own token budget holds. */
const LEAST_BUDGET = 256
const LARGER_BUDGET = 2048

/**
 * The options of an engine that has room for every one of `needs`, where nothing else was asked for. Its context is one
 * that decode steps are recorded for, so that they are the steps of an engine that serves.
 */
export function roomFor(config: ModelConfig, options: NativeOptions, needs: readonly Need[]): NativeOptions {
  const context = Math.max(1, ...needs.map(need => need.context))
  const sequences = Math.max(1, ...needs.map(need => need.sequences))
  const blocks = Math.max(1, ...needs.map(need => need.sequences * Math.ceil(need.context / BLOCK_SIZE)))
  return {
    contextLength: contextSizes(config.contextLength).find(size => size >= context) ?? config.contextLength,
    maxSequences: sequences,
    // As much as the widest numbers take: what they are kept as is not decided yet.
    kvMemory: blocks * kvBlockBytes(config, 'f32'),
    ...(sequences > LEAST_BUDGET && { tokenBudget: Math.max(LARGER_BUDGET, sequences) }),
    ...options,
  }
}
