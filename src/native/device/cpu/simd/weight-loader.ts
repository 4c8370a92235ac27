import type { Arena } from './arena.ts'
import type { Kernels } from './kernels.ts'
import { Scratch } from './scratch.ts'
import type { SimdWeight } from './weight.ts'

/** Floats that are converted at a time: enough to share among threads, and little memory. */
const STAGED = 2 ** 20

/** Brings weights into the arena, rounded or quantised there by the kernels. */
export class WeightLoader {
  readonly #staging: Scratch

  constructor(
    private readonly arena: Arena,
    private readonly kernels: Kernels,
  ) {
    this.#staging = new Scratch(arena)
  }

  /** @param values - `[…, inner]`, rows from `firstRow` on */
  store(weight: SimdWeight, firstRow: number, values: Float32Array): void {
    const [out, inner] = weight.shape
    const rows = values.length / inner
    if (!Number.isInteger(rows) || firstRow + rows > out) {
      throw new RangeError(`weight [${out}, ${inner}]: cannot take ${values.length} values from row ${firstRow} on`)
    }
    const at = weight.at + firstRow * weight.stride
    if (weight.storage === 'f32') {
      this.arena.floats.set(values, at / 4)
      return
    }
    const step = Math.min(rows, Math.max(1, Math.floor(STAGED / inner)))
    const staging = this.#staging.of(step * inner * 4)
    for (let row = 0; row < rows; row += step) {
      const count = Math.min(step, rows - row)
      this.arena.floats.set(values.subarray(row * inner, (row + count) * inner), staging / 4)
      const scales = weight.storage === 'int8' ? weight.scales + (firstRow + row) * 4 : 0
      this.kernels.storeWeight(at + row * weight.stride, scales, staging, count, inner)
    }
  }
}
