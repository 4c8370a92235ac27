import { attentionRoom, matmulRoom, partsRoom, restoredRoom, samplingRoom } from '../device/cuda/memory/room-bytes.ts'
import { stepRoomsBytes } from '../device/cuda/step/step-rooms.ts'
import { contextSizes, decodeSizes } from '../device/cuda/step/step-sizes.ts'
import type { ModelConfig } from '../model/config.ts'

/**
 * What the engine takes on a card beside what a model's tensors say: known to a few percent, so each is rounded up.
 * Bytes.
 */

const MIB = 2 ** 20

/** What the CUDA engine's kernels are made for. */
export const LEAST_CAPABILITY = '8.0'

/** What the driver takes for itself before anything is allocated; only for cards that are not at hand. */
export const DRIVER_BYTES = 512 * MIB

/** What the card's pieces of memory begin at. */
const ALIGNMENT = 256
const TENSORS_PER_LAYER = 20
const OTHER_TENSORS = 64

/** Recorded steps. */
const LAUNCHES_PER_LAYER = 7
const OTHER_LAUNCHES = 12
const BYTES_PER_LAUNCH = 2048

/** What counts the slices of a product: of the widest that is sliced. */
const PART_COUNTERS = 2 ** 17

export interface StepExtent {
  readonly maxTokens: number
  readonly maxSequences: number
  readonly contextLength: number
  /** Bytes of the largest matrix, were its values of two bytes; 0 where weights are not quantised. */
  readonly largestRestored: number
  readonly budgetBytes: number
}

/** Scratch of the operations, the step's inputs, and what is lost between tensors. */
export function workspaceBytes({ heads, layers, vocabSize }: ModelConfig, extent: StepExtent): number {
  const { maxTokens, maxSequences, contextLength, largestRestored, budgetBytes } = extent
  const inputs = stepRoomsBytes({
    tokens: maxTokens,
    sequences: maxSequences,
    logitRows: maxSequences,
    contextLength,
  })
  const sampling = samplingRoom({ maxRows: maxSequences, vocab: vocabSize, maxContext: contextLength })
  const gaps = (layers.length * TENSORS_PER_LAYER + OTHER_TENSORS) * ALIGNMENT
  // Only quantised weights are restored, and only their products sliced.
  const restored = Math.min(largestRestored, restoredRoom(budgetBytes))
  const parts = largestRestored > 0 ? partsRoom(budgetBytes) + PART_COUNTERS : 0
  return matmulRoom(budgetBytes) + total(attentionRoom(heads)) + total(sampling) + inputs + restored + parts + gaps
}

function total(room: Readonly<Record<string, number>>): number {
  return Object.values(room).reduce((sum, bytes) => sum + bytes, 0)
}

/** Decode steps, recorded for every size of batch and context. */
export function graphBytes(config: ModelConfig, { maxSequences, contextLength }: StepExtent): number {
  const graphs = decodeSizes(maxSequences).length * contextSizes(contextLength).length
  return graphs * (config.layers.length * LAUNCHES_PER_LAYER + OTHER_LAUNCHES) * BYTES_PER_LAUNCH
}
