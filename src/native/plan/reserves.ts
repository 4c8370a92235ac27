import { contextSizes, decodeSizes } from '../device/cuda/step-sizes.ts'
import type { ModelConfig } from '../model/config.ts'

/**
 * What the engine takes on a card beside what a model's tensors say: known to a few percent, so each is rounded up.
 * Bytes.
 */

const MIB = 2 ** 20

/** Rows of activations are allocated in tiles of this many. */
export const ROW_TILE = 64

/** What the CUDA engine's kernels are made for. */
export const LEAST_CAPABILITY = '8.0'

/** What the driver takes for itself before anything is allocated; only for cards that are not at hand. */
export const DRIVER_BYTES = 512 * MIB

/** cuBLASLt's scratch, as NVIDIA recommends for Hopper. */
const MATMUL_WORKSPACE = 32 * MIB

/** Kernels' code, the libraries' included, as it is loaded. */
const KERNEL_CODE = 96 * MIB

/** Partial results of attention that is split over blocks: so many, of every head, with three numbers beside each. */
const ATTENTION_PARTIALS = 1024

/** Partial sums of products of few rows. */
const SKINNY_PARTIALS = 32 * MIB

/** Beside a copy of its logits, each row that is sampled has a record and lists; longer lists share some room. */
const SAMPLING_BYTES_PER_ROW = 4096
const SAMPLING_LISTS = 16 * MIB

/** Quantised weights are restored for large products, so much at a time. */
const MOST_RESTORED = 256 * MIB

/** Recorded steps. */
const LAUNCHES_PER_LAYER = 7
const OTHER_LAUNCHES = 12
const BYTES_PER_LAUNCH = 2048

export interface StepExtent {
  readonly maxTokens: number
  readonly maxSequences: number
  readonly contextLength: number
  readonly maxBlocks: number
  /** Bytes of the largest matrix, were its values of two bytes; 0 where weights are not quantised. */
  readonly largestRestored: number
}

/** Scratch of the operations, and the step's inputs. */
export function workspaceBytes(config: ModelConfig, extent: StepExtent): number {
  const { maxTokens, maxSequences, maxBlocks, largestRestored } = extent
  const { heads, headDim } = config.heads
  const attention = ATTENTION_PARTIALS * heads * (headDim + 3) * 4
  const sampling = maxSequences * (4 * config.vocabSize + SAMPLING_BYTES_PER_ROW) + SAMPLING_LISTS
  const inputs = 4 * (8 * maxTokens + maxSequences * (maxBlocks + 8))
  const restored = Math.min(largestRestored, MOST_RESTORED)
  return MATMUL_WORKSPACE + KERNEL_CODE + attention + SKINNY_PARTIALS + sampling + inputs + restored
}

/** Decode steps, recorded for every size of batch and context. */
export function graphBytes(config: ModelConfig, { maxSequences, contextLength }: StepExtent): number {
  const graphs = decodeSizes(maxSequences).length * contextSizes(contextLength).length
  return graphs * (config.layers.length * LAUNCHES_PER_LAYER + OTHER_LAUNCHES) * BYTES_PER_LAUNCH
}
