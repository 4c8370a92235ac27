import { blocksFor } from './kv/kv-cache.ts'
import type { ModelConfig } from './model/config.ts'
import { type KvType, kvBytesPerBlock } from './model/kv.ts'

/** How keys and values are kept. */
export const KV_TYPE: KvType = 'f32'

/**
 * How many blocks to take: what `bytes` hold, but at least one full context (else its end could never be reached) and
 * at most what all sequences could use.
 */
export function kvBlocks(config: ModelConfig, contextLength: number, maxSequences: number, bytes: number): number {
  const context = blocksFor(contextLength)
  return Math.max(context, Math.min(Math.floor(bytes / kvBytesPerBlock(config, KV_TYPE)), context * maxSequences))
}
