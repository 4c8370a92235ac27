import type { Capacity } from '../admission/index.ts'
import type { Engine } from '../engine/index.ts'

/** What an engine can take now; while it loads, nothing is asked of it. */
export function capacityOf(engine: Engine | undefined): Capacity {
  if (engine === undefined) return { sequences: 1, kvTokensFree: Number.POSITIVE_INFINITY }
  const { maxSequences, kvBlockSize } = engine.info
  const unbounded = { sequences: maxSequences, kvTokensFree: Number.POSITIVE_INFINITY }
  // Nothing is counted in blocks: asking for figures, which costs the more the more is under way, would tell none.
  if (kvBlockSize === 0) return unbounded
  const { kvBlocksTotal, kvBlocksUsed } = engine.stats()
  return kvBlocksTotal > 0 ? { ...unbounded, kvTokensFree: (kvBlocksTotal - kvBlocksUsed) * kvBlockSize } : unbounded
}
