import { BLOCK_SIZE, type WeightStorage } from '../device/device.ts'
import type { ModelConfig } from '../model/config.ts'
import { bodyShards, headShard, type KvStorage, kvBlockBytes, matrixBytes } from './model-bytes.ts'

/** So many sequences that each process `tokens` tokens with `behind` before them, in one step; one draws one token. */
export interface StepWorkRequest {
  readonly config: ModelConfig
  readonly storage: WeightStorage
  readonly kvType: KvStorage
  readonly sequences: number
  readonly tokens: number
  readonly behind: number
  readonly worldSize?: number
}

/** The least that one card must read, and the arithmetic that it must do, a multiply-add counting as two. */
export interface StepWork {
  /** Weights, keys and values; what lies between operations may stay in a cache. */
  readonly bytes: number
  readonly weightBytes: number
  readonly kvBytes: number
  readonly flops: number
}

export function stepWork(request: StepWorkRequest): StepWork {
  const { config, sequences, tokens, behind, worldSize = 1 } = request
  const body = bodyShards(config, worldSize)
  const head = headShard(config, worldSize)
  const weightBytes = [...body, head].reduce((sum, shard) => sum + matrixBytes(shard, request.storage), 0)
  const bodyWeights = body.reduce((sum, { rows, inner }) => sum + rows * inner, 0)
  const kvBytes = sequences * seenPositions(config, behind + tokens) * bytesPerPosition(request)
  const pairs = pairsUpTo(config, behind + tokens) - pairsUpTo(config, behind)
  const { heads, headDim } = config.heads
  // q·k and p·v of each pair: two multiply-adds for each element of each head.
  const attention = 4 * Math.ceil(heads / worldSize) * headDim * pairs
  const products = 2 * (bodyWeights * tokens + head.rows * head.inner)
  return { bytes: weightBytes + kvBytes, weightBytes, kvBytes, flops: sequences * (products + attention) }
}

/** Key and value of one position in one layer. */
function bytesPerPosition({ config, kvType, worldSize = 1 }: StepWorkRequest): number {
  return kvBlockBytes(config, kvType, worldSize) / BLOCK_SIZE / config.layers.length
}

/** Positions that the last of `n` tokens sees, summed over layers. */
function seenPositions({ layers }: ModelConfig, n: number): number {
  return layers.reduce((sum, { window }) => sum + Math.min(n, window ?? n), 0)
}

/** Pairs of query and key of the first `n` tokens, causal, summed over layers: Σ min(i, window) over i = 1 … n. */
function pairsUpTo({ layers }: ModelConfig, n: number): number {
  return layers.reduce((sum, { window }) => {
    const w = Math.min(n, window ?? n)
    return sum + (w * (w + 1)) / 2 + (n - w) * w
  }, 0)
}
