import { ModelLoadError } from '../engine/index.ts'
import { blocksFor } from './kv/kv-cache.ts'
import type { ModelConfig } from './model/config.ts'
import { type KvType, kvBytesPerBlock } from './model/kv.ts'
import { advise, fitBounds, type MemoryRequest, memoryPlan, type OpenBound } from './plan/index.ts'

/** Where nobody says how much memory the host may give to keys and values. */
const DEFAULT_BYTES = 256 * 2 ** 20

export interface KvRequest {
  readonly config: ModelConfig
  readonly kvType: KvType
  readonly contextLength: number
  readonly maxSequences: number
}

/**
 * How many blocks to take of the host's memory: what `bytes` hold, but at least one full context (else its end could
 * never be reached) and at most what all sequences could use.
 */
export function hostBlocks({ config, kvType, contextLength, maxSequences }: KvRequest, bytes = DEFAULT_BYTES): number {
  const context = blocksFor(contextLength)
  return Math.max(context, Math.min(Math.floor(bytes / kvBytesPerBlock(config, kvType)), context * maxSequences))
}

/**
 * The request with those bounds lowered that nobody has asked for, where the card cannot hold it as it is; unchanged
 * where that does not help either.
 */
export function fitCard(request: MemoryRequest, open: ReadonlySet<OpenBound>): MemoryRequest {
  return fitBounds(request, open) ?? request
}

/**
 * How many blocks to take of a card's memory: what the budget leaves, and no more than `bytes` hold.
 *
 * @throws ModelLoadError that says what to change, where not even one sequence can have its whole context.
 */
export function cardBlocks(request: MemoryRequest, bytes = Number.POSITIVE_INFINITY): number {
  const { blocks, blockBytes, fits, missingBytes } = memoryPlan(request)
  const context = blocksFor(request.contextLength)
  if (fits) return Math.max(context, Math.min(blocks, Math.floor(bytes / blockBytes)))
  const changes = advise({ ...request, maxSequences: 1 })
    .filter(({ plan }) => plan.fits)
    .map(({ option }) => option)
  throw new ModelLoadError(
    `the model does not fit: ${mebibytes(missingBytes)} more than the ${mebibytes(request.budgetBytes)} that the GPU may give are needed: ${changes.length > 0 ? `try ${changes.join(', or ')}` : 'lower --max-sequences or --token-budget, or take a larger GPU'}`,
  )
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`
}
