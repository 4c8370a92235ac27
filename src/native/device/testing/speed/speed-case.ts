import type { RowSampling } from '../../../sampling/row.ts'
import type { StepInputs, Tensor } from '../../device.ts'
import type { SpeedInputs } from './speed-inputs.ts'

/** One operation at the shape of a real model, to be timed. Too large to compare: `cases/` has its small twins. */
export interface SpeedCase {
  readonly name: string
  /** Bytes of weights or cached keys and values that it reads: what no cache holds in a model, where each layer has its own. */
  readonly rotatedBytes: number
  /** What it takes at least, where that is less than what its launches take together. */
  readonly least?: { readonly bytes: number; readonly flops: number }
  /** For so many copies, each with weights or caches of its own. */
  prepare(inputs: SpeedInputs, copies: number): SpeedStep
}

export interface SpeedStep {
  readonly step: StepInputs
  /** What is drawn from what the programs give; none where drawing is not what is timed. */
  readonly rows: readonly RowSampling[]
  readonly programs: readonly (() => Tensor)[]
}
