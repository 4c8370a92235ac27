import type { PendingRows, StepInputs, Tensor, WeightStorage } from '../device/device.ts'
import type { RowSampling } from '../sampling/row.ts'
import type { ModelConfig } from './config.ts'
import type { GenerationConfig } from './generation-config.ts'

/** A decoder whose weights lie on a device. */
export interface Model {
  readonly config: ModelConfig
  readonly generation: GenerationConfig
  /** Number of weights, tied ones counted once. */
  readonly parameters: number
  /** How the matrices are kept. */
  readonly storage: WeightStorage
  /** Longest sequence in tokens. */
  readonly contextLength: number
  /** Blocks in the KV cache: ids 0 … blocks − 1. */
  readonly blocks: number
  /**
   * Logits `[logitRows, vocab]` of the step, valid until the next call.
   *
   * @throws RangeError when the step is larger than the model was loaded for.
   */
  forward(step: StepInputs): Tensor
  /** Readies the device for the largest steps that the model was loaded for; see {@link Device.prepare}. */
  prepare(sequences: number): Promise<void>
  /**
   * Enqueues the step and the drawing of one token for each of its `logitRows`; see {@link Device.run}.
   *
   * @throws RangeError when the step is larger than the model was loaded for; DeviceLostError
   */
  run(step: StepInputs, rows: readonly RowSampling[]): PendingRows
}
