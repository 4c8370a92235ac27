import type { Capacity } from '../admission/index.ts'
import type { Engine } from '../engine/index.ts'

/** What an engine can take now; while it loads, nothing is asked of it. */
export function capacityOf(engine: Engine | undefined): Capacity {
  if (engine === undefined) return { sequences: 1, kvTokensFree: Number.POSITIVE_INFINITY }
  const { maxSequences, kvBlockSize } = engine.info
  const { kvBlocksTotal, kvBlocksUsed } = engine.stats()
  const known = kvBlocksTotal > 0 && kvBlockSize > 0
  return {
    sequences: maxSequences,
    kvTokensFree: known ? (kvBlocksTotal - kvBlocksUsed) * kvBlockSize : Number.POSITIVE_INFINITY,
  }
}
