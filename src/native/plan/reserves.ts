import type { ModelConfig } from '../model/config.ts'

/**
 * What a step takes on the card beside what its tensors say: known to a few percent, so each is rounded up. Bytes.
 */

const MIB = 2 ** 20

/** Rows of activations are allocated in tiles of this many. */
export const ROW_TILE = 64

/** What the driver takes for itself before anything is allocated; only for cards that are not at hand. */
export const DRIVER_BYTES = 512 * MIB

/** cuBLASLt's scratch, as NVIDIA recommends for Hopper. */
const MATMUL_WORKSPACE = 32 * MIB

/** Kernels' code, the libraries' included, as it is loaded. */
const KERNEL_CODE = 96 * MIB

/** Partial results of attention that is split over blocks: of each sequence and head, so many splits. */
const ATTENTION_SPLITS = 8

/** Candidates and their order, of each row that is sampled. */
const SAMPLING_BYTES_PER_ROW = 64 * 1024

/** Recorded steps: sizes, launches a layer, and what one launch takes. */
const GRAPH_SIZES = 20
const LAUNCHES_PER_LAYER = 9
const BYTES_PER_LAUNCH = 4096

/** Scratch of the operations, and the step's inputs. */
export function workspaceBytes(
  config: ModelConfig,
  { maxTokens, maxSequences, maxBlocks }: { maxTokens: number; maxSequences: number; maxBlocks: number },
): number {
  const { heads, headDim } = config.heads
  const attention = maxSequences * heads * ATTENTION_SPLITS * (headDim + 2) * 4
  const inputs = 4 * (8 * maxTokens + maxSequences * (maxBlocks + 4))
  return MATMUL_WORKSPACE + KERNEL_CODE + attention + inputs + maxSequences * SAMPLING_BYTES_PER_ROW
}

export function graphBytes(config: ModelConfig): number {
  return GRAPH_SIZES * (config.layers.length * LAUNCHES_PER_LAYER + 8) * BYTES_PER_LAUNCH
}
