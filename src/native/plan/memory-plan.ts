import { type ActivationType, BLOCK_SIZE, type WeightStorage } from '../device/device.ts'
import type { ModelConfig } from '../model/config.ts'
import {
  activationBytes,
  type KvStorage,
  kvBlockBytes,
  largestRestoredBytes,
  ropeBytes,
  weightBytes,
} from './model-bytes.ts'
import { graphBytes, workspaceBytes } from './reserves.ts'

/** What is to be run, and in how much memory. All bytes are those of one card. */
export interface MemoryRequest {
  readonly config: ModelConfig
  readonly storage: WeightStorage
  readonly activationType: ActivationType
  readonly kvType: KvStorage
  /** Tokens in the largest step. */
  readonly maxTokens: number
  /** Sequences that run at once: the batch. */
  readonly maxSequences: number
  /** Longest sequence, in tokens. */
  readonly contextLength: number
  readonly budgetBytes: number
  /** Cards over which the model is split (tensor parallelism). Default 1. */
  readonly worldSize?: number
  /** What the driver takes of the budget; 0 where the budget is what it has left. Default 0. */
  readonly driverBytes?: number
}

export type MemoryUse = 'driver' | 'weights' | 'kv-cache' | 'activations' | 'workspace' | 'graphs' | 'headroom'

export interface MemoryLine {
  readonly use: MemoryUse
  readonly bytes: number
}

export interface MemoryPlan {
  /** Their sum is the budget, unless the plan does not fit. */
  readonly lines: readonly MemoryLine[]
  readonly budgetBytes: number
  /** KV blocks to take: what there is room for, and no more than all sequences could use. 0 where nothing fits. */
  readonly blocks: number
  readonly blockBytes: number
  /** What all sequences use at their longest. */
  readonly wantedBlocks: number
  /** At least one sequence can have its whole context. Without that, nothing can be served. */
  readonly fits: boolean
  /** Every sequence can have its whole context at once; else some wait, or are computed again. */
  readonly holdsAll: boolean
  /** What is missing for `holdsAll`; 0 where nothing is. */
  readonly missingBytes: number
  /** Longest context that so many sequences can all have, up to the model's own; 0: none. */
  readonly largestContext: number
  /** Most sequences that can all have such a context, up to {@link MAX_BATCH}; 0: none. */
  readonly largestBatch: number
}

/** Above what any card serves at once. */
const MAX_BATCH = 65_536

/**
 * Where the memory of a card goes. Exact for weights, rotation tables, activations and KV blocks; the rest is reserved
 * by `reserves.ts`.
 */
export function memoryPlan(request: MemoryRequest): MemoryPlan {
  const { config, kvType, contextLength, maxSequences, budgetBytes, worldSize = 1 } = request
  const fixed = fixedLines(request)
  const blockBytes = kvBlockBytes(config, kvType, worldSize)
  const wantedBlocks = blocksOf(contextLength) * maxSequences
  const room = Math.max(0, budgetBytes - total(fixed))
  const affordable = Math.min(Math.floor(room / blockBytes), wantedBlocks)
  const fits = affordable >= blocksOf(contextLength)
  const blocks = fits ? affordable : 0
  const needed = total(fixed) + wantedBlocks * blockBytes
  const holds = (change: Partial<MemoryRequest>): boolean => bytesForAll({ ...request, ...change }) <= budgetBytes
  return {
    lines: [
      ...fixed,
      { use: 'kv-cache', bytes: blocks * blockBytes },
      { use: 'headroom', bytes: Math.max(0, room - blocks * blockBytes) },
    ],
    budgetBytes,
    blocks,
    blockBytes,
    wantedBlocks,
    fits,
    holdsAll: needed <= budgetBytes,
    missingBytes: Math.max(0, needed - budgetBytes),
    largestContext: largest(config.contextLength, contextLength => holds({ contextLength })),
    largestBatch: largest(MAX_BATCH, maxSequences => holds({ maxSequences })),
  }
}

/** All that is taken whatever the number of blocks. */
function fixedLines(request: MemoryRequest): readonly MemoryLine[] {
  const { config, storage, activationType, maxTokens, maxSequences, contextLength, budgetBytes } = request
  const { worldSize = 1, driverBytes = 0 } = request
  const driver: readonly MemoryLine[] = driverBytes > 0 ? [{ use: 'driver', bytes: driverBytes }] : []
  const weights = weightBytes(config, storage, worldSize) + ropeBytes(config, contextLength)
  const activations = activationBytes(config, activationType, { maxTokens, maxLogitRows: maxSequences, worldSize })
  const largestRestored = largestRestoredBytes(config, storage, worldSize)
  const extent = { maxTokens, maxSequences, contextLength, largestRestored, budgetBytes }
  return [
    ...driver,
    { use: 'weights', bytes: weights },
    { use: 'activations', bytes: activations },
    { use: 'workspace', bytes: workspaceBytes(config, extent) },
    { use: 'graphs', bytes: graphBytes(config, extent) },
  ]
}

/** Bytes with every sequence at its longest. */
function bytesForAll(request: MemoryRequest): number {
  const { config, kvType, contextLength, maxSequences, worldSize = 1 } = request
  const kv = blocksOf(contextLength) * maxSequences * kvBlockBytes(config, kvType, worldSize)
  return total(fixedLines(request)) + kv
}

/** The largest whole number from 1 to `most` that `holds`, of what holds for all smaller ones; 0: none. */
function largest(most: number, holds: (value: number) => boolean): number {
  let [low, high] = [0, most]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (holds(middle)) low = middle
    else high = middle - 1
  }
  return low
}

function total(lines: readonly MemoryLine[]): number {
  return lines.reduce((sum, { bytes }) => sum + bytes, 0)
}

function blocksOf(tokens: number): number {
  return Math.ceil(tokens / BLOCK_SIZE)
}
