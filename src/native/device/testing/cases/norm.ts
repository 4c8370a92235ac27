import { Inputs } from '../case-inputs.ts'
import { type DeviceCase, FLOAT } from '../device-case.ts'

function normCase(rows: number, width: number, offset: 0 | 1): DeviceCase {
  return {
    name: `norm, add and addNorm [${rows}, ${width}], weight + ${offset}`,
    tolerance: FLOAT,
    run(device, seed) {
      const inputs = new Inputs(device, seed)
      const weight = inputs.vector(width)
      const [x, residual] = [inputs.filled([rows, width]), inputs.filled([rows, width], 3, 'f32')]
      const sum = inputs.filled([rows, width], 2, 'f32')
      const [normed, added, ofFloats] = [1, 2, 3].map(() => inputs.poisoned([rows, width]))
      const options = { epsilon: 1e-5, offset }
      device.norm(normed!, x, weight, rows, options)
      device.norm(ofFloats!, residual, weight, rows, options)
      device.add(sum, x, rows)
      device.addNorm(added!, residual, x, weight, rows, options)
      // In place.
      device.norm(x, x, weight, rows, options)
      return [normed!, ofFloats!, sum, added!, residual, x].map(tensor => device.download(tensor))
    },
  }
}

/** Widths that 16 bytes hold whole numbers of and others, below a warp and above what registers keep. */
export const NORM_CASES: readonly DeviceCase[] = [
  normCase(1, 256, 0),
  normCase(7, 100, 1),
  normCase(3, 37, 0),
  normCase(2, 2048, 1),
  normCase(1, 3, 0),
  normCase(5, 4096, 0),
  normCase(2, 5120, 0),
  normCase(1, 8192, 1),
  normCase(2, 3585, 0),
  normCase(1, 18432, 0),
]
