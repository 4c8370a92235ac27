import type { HeadShape } from '../../device.ts'

/**
 * How much room operations keep for themselves, in bytes: for those who take it, and for those who plan with it and
 * load nothing of CUDA.
 */

/** Rows of activations come in multiples of this, so that products of few sizes serve all steps; few rows do not. */
const ROW_MULTIPLE = 64

/** Rows that activations have room for. */
export function paddedRows(rows: number): number {
  return rows <= ROW_MULTIPLE ? rows : roundedRows(rows)
}

/** Rows that a library multiplies instead of `rows` where nobody looks at those behind. */
export function roundedRows(rows: number): number {
  return Math.ceil(rows / ROW_MULTIPLE) * ROW_MULTIPLE
}

/** cuBLASLt's scratch, as NVIDIA recommends for Hopper; of a tight budget a small share. */
export function matmulRoom(limit: number): number {
  return Math.min(32 * 2 ** 20, share(limit))
}

/** Rows of a quantised weight that are restored at a time for a library that wants its operands so. */
export function restoredRoom(limit: number): number {
  return Math.min(256 * 2 ** 20, share(limit))
}

/** What slices of a product leave to be added up: of as many slices as there is room for. */
export function partsRoom(limit: number): number {
  return Math.min(32 * 2 ** 20, share(limit / 4))
}

/** A part that no budget feels, in whole pages. */
function share(limit: number): number {
  return Math.max(2 ** 16, Math.round(limit / 256 / 2 ** 16) * 2 ** 16)
}

/** Splits of all single tokens that there is room for; a launch of attention takes no more. */
export const SPLITS_AT_ONCE = 1024

/** What splits of attention leave to be merged. */
export function attentionRoom({ heads, headDim }: HeadShape) {
  const each = SPLITS_AT_ONCE * heads
  return { counters: each * 4, statistics: each * 8, partials: each * headDim * 4 }
}

/** Logits that a block looks through; as in sample-scan.cu. */
export const SAMPLE_CHUNK = 2048
/** What is known of such a chunk. */
export const CHUNK_STATS_BYTES = 32
/** `SamplingRow` of lib/sampling.cuh. */
export const RECORD_BYTES = 104
/** The most of the likeliest tokens that a row may ask for. */
export const TOPS = 20
export const CHOSEN_BYTES = 8
export const TOPS_BYTES = TOPS * 8
/** For biases and bans. */
const LIST_BYTES_PER_ROW = 1024
/** For ids seen and counted of all rows: 256 of 8192 tokens, and always a row of the whole context. */
const MOST_LIST_BYTES = 2 ** 25

export interface SamplerOptions {
  readonly maxRows: number
  readonly vocab: number
  /** Positions of the longest sequence. */
  readonly maxContext: number
}

export function samplingRoom({ maxRows, vocab, maxContext }: SamplerOptions) {
  const rowBytes = 12 * Math.min(maxContext + 1, vocab)
  const listBytes = maxRows * LIST_BYTES_PER_ROW + Math.max(rowBytes, Math.min(maxRows * rowBytes, MOST_LIST_BYTES))
  return {
    parameters: Math.ceil((maxRows * RECORD_BYTES + listBytes) / 8) * 8,
    results: maxRows * (CHOSEN_BYTES + TOPS_BYTES),
    adjusted: maxRows * vocab * 4,
    stats: maxRows * Math.ceil(vocab / SAMPLE_CHUNK) * CHUNK_STATS_BYTES,
  }
}
