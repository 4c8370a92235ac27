import type { Device } from './device/device.ts'
import type { StepRunner } from './loop.ts'
import type { Model } from './model/model.ts'
import type { RowSampling, SampledRow } from './sampling/row.ts'
import type { StepPlan } from './scheduler.ts'
import { stepInputs } from './step-inputs.ts'

/** A step's plan → the device's inputs → the model → one sampled token for each entry that asks for it. */
export class ModelRunner implements StepRunner {
  constructor(
    private readonly model: Model,
    private readonly device: Device,
  ) {}

  async run(plan: StepPlan, rows: readonly RowSampling[]): Promise<readonly SampledRow[]> {
    const logits = this.model.forward(stepInputs(plan))
    return rows.length === 0 ? [] : this.device.sample(logits, rows)
  }
}
