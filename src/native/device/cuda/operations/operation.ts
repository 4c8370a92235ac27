import type { Stream } from '../../../../cuda/index.ts'

/**
 * A piece of a step as the card gets it: a kernel launch or a library call with all its arguments, ready to be enqueued
 * again and again, in a capture or outside of one.
 */
export interface DeviceOperation {
  /** The kernel, for tables and traces, e.g. `gemv`. */
  readonly name: string
  /** What it is at, e.g. `bf16 [1, 4096] · [12288, 4096]ᵀ`. */
  readonly detail: string
  /** Least bytes that pass through the card's memory. */
  readonly bytes: number
  /** Arithmetic operations, a multiply-add counting as two. */
  readonly flops: number
  enqueue(stream: Stream): void
}
