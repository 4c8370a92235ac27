import { BLOCK_SIZE } from '../device/device.ts'
import type { ModelConfig } from '../model/config.ts'
import { blocksFor } from './kv-cache.ts'

const F32_BYTES = 4

/** What the keys and values of one block take, over all layers. */
export function blockBytes(config: ModelConfig): number {
  return config.layers.length * 2 * BLOCK_SIZE * config.heads.kvHeads * config.heads.headDim * F32_BYTES
}

/**
 * How many blocks to take: what `bytes` hold, but at least one full context (else its end could never be reached) and
 * at most what all sequences could use.
 */
export function kvBlocks(config: ModelConfig, contextLength: number, maxSequences: number, bytes: number): number {
  const context = blocksFor(contextLength)
  return Math.max(context, Math.min(Math.floor(bytes / blockBytes(config)), context * maxSequences))
}
