import type { PendingRows } from './device/device.ts'
import type { StepRunner } from './loop.ts'
import type { Model } from './model/model.ts'
import type { RowSampling } from './sampling/row.ts'
import type { StepPlan } from './scheduler.ts'
import { InputRoom, stepInputs } from './step-inputs.ts'

/** A step's plan → the device's inputs → the model → one drawn token for each entry that asks for it. */
export class ModelRunner implements StepRunner {
  /** Two steps are in flight at most. */
  readonly #rooms: [InputRoom, InputRoom] = [new InputRoom(), new InputRoom()]

  constructor(private readonly model: Model) {}

  run(plan: StepPlan, rows: readonly RowSampling[]): PendingRows {
    const [room, next] = this.#rooms
    this.#rooms[0] = next
    this.#rooms[1] = room
    return this.model.run(stepInputs(plan, room), rows)
  }
}
