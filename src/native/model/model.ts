import type { StepInputs, Tensor } from '../device/device.ts'
import type { ModelConfig } from './config.ts'

/** A decoder whose weights lie on a device. */
export interface Model {
  readonly config: ModelConfig
  /** Number of weights, tied ones counted once. */
  readonly parameters: number
  /** Logits `[logitRows, vocab]` of the step, valid until the next call. */
  forward(step: StepInputs): Tensor
}
