import { paddedRows } from '../device/cuda/memory/room-bytes.ts'
import { type ActivationType, BLOCK_SIZE, type ElementType, type WeightStorage } from '../device/device.ts'
import { ELEMENT_BYTES } from '../device/element-bytes.ts'
import type { ModelConfig } from '../model/config.ts'
import { flatten, type MatrixPlan, planWeights, type VectorPlan, type WeightPlan } from '../model/weight-plan.ts'

export type KvStorage = Exclude<ElementType, 'i32'>

/**
 * What one rank of `worldSize` keeps of a matrix `[rows, inner]`. Tensor parallelism as in Megatron-LM (Shoeybi et al.
 * 2019): QKV, gate and up are split by rows, the projections back to the residual by columns, the head by the
 * vocabulary; the embedding is whole everywhere, and so is a head that shares its table. Key-value heads that are fewer
 * than the ranks are kept more than once.
 */
export interface Shard {
  readonly rows: number
  readonly inner: number
}

/** Matrices that every token passes through. */
export function bodyShards(config: ModelConfig, worldSize: number): readonly Shard[] {
  return planWeights(config).layers.flatMap(layer => layerShards(layer, config, worldSize))
}

/** The matrix from the last layer to the logits. */
export function headShard({ vocabSize, hiddenSize }: ModelConfig, worldSize: number): Shard {
  return { rows: Math.ceil(vocabSize / worldSize), inner: hiddenSize }
}

/** Elements and the scales of a quantised matrix, f32, one for each row. */
export function matrixBytes({ rows, inner }: Shard, storage: WeightStorage): number {
  return rows * inner * ELEMENT_BYTES[storage] + (isQuantised(storage) ? rows * 4 : 0)
}

/** The largest matrix with two bytes a value, where weights are quantised. */
export function largestRestoredBytes(config: ModelConfig, storage: WeightStorage, worldSize: number): number {
  if (!isQuantised(storage)) return 0
  const matrices = [...bodyShards(config, worldSize), headShard(config, worldSize)]
  return Math.max(...matrices.map(({ rows, inner }) => rows * inner * 2))
}

/** Matrices, and the f32 vectors: norms and biases, which every rank has whole. */
export function weightBytes(config: ModelConfig, storage: WeightStorage, worldSize = 1): number {
  const plan = planWeights(config)
  const matrices = shardsOf(plan, config, worldSize).reduce((sum, shard) => sum + matrixBytes(shard, storage), 0)
  const vectors = [...flatten<MatrixPlan, VectorPlan>(plan)].filter(part => 'length' in part)
  return matrices + vectors.reduce((sum, { length }) => sum + length * 4, 0)
}

/** Cosines and sines, f32 `[positions, headDim/2]` each. */
export function ropeBytes(config: ModelConfig, positions: number): number {
  return config.ropes.length * positions * config.heads.headDim * 4
}

/** One block of keys and values over all layers. */
export function kvBlockBytes(config: ModelConfig, kvType: KvStorage, worldSize = 1): number {
  const { headDim } = config.heads
  const kvHeads = Math.ceil(config.heads.kvHeads / worldSize)
  return 2 * config.layers.length * BLOCK_SIZE * kvHeads * headDim * ELEMENT_BYTES[kvType]
}

/** What `allocateActivations` takes on a GPU for so many tokens and rows of logits. */
export function activationBytes(
  config: ModelConfig,
  activationType: ActivationType,
  { maxTokens, maxLogitRows, worldSize = 1 }: { maxTokens: number; maxLogitRows: number; worldSize?: number },
): number {
  const { hiddenSize, intermediateSize, vocabSize } = config
  const heads = Math.ceil(config.heads.heads / worldSize)
  const kvHeads = Math.ceil(config.heads.kvHeads / worldSize)
  const { headDim } = config.heads
  const middle = Math.ceil(intermediateSize / worldSize)
  const [tokens, logitRows] = [paddedRows(maxTokens), paddedRows(maxLogitRows)]
  const element = ELEMENT_BYTES[activationType]
  const perToken = 2 * hiddenSize + (heads + 2 * kvHeads) * headDim + heads * headDim + 3 * middle
  const floats = tokens * hiddenSize + logitRows * vocabSize
  return (tokens * perToken + logitRows * hiddenSize) * element + floats * 4
}

function shardsOf(plan: WeightPlan, config: ModelConfig, worldSize: number): readonly Shard[] {
  const { embedding, head, layers } = plan
  const ends = [embedding]
  if (head !== embedding) ends.push({ ...head, rows: Math.ceil(head.rows / worldSize) })
  return [...ends, ...layers.flatMap(layer => layerShards(layer, config, worldSize))]
}

function layerShards(
  { attentionOutput, gateUp, down }: WeightPlan['layers'][number],
  { hiddenSize, heads: { heads, kvHeads, headDim } }: ModelConfig,
  worldSize: number,
): readonly Shard[] {
  const qkvRows = (Math.ceil(heads / worldSize) + 2 * Math.ceil(kvHeads / worldSize)) * headDim
  return [
    { rows: qkvRows, inner: hiddenSize },
    { rows: attentionOutput.rows, inner: Math.ceil(attentionOutput.inner / worldSize) },
    { rows: Math.ceil(gateUp.rows / worldSize), inner: gateUp.inner },
    { rows: down.rows, inner: Math.ceil(down.inner / worldSize) },
  ]
}

function isQuantised(storage: WeightStorage): boolean {
  return storage === 'int8' || storage === 'fp8'
}
