import type { Activation } from '../../device.ts'
import { Inputs } from '../case-inputs.ts'
import { type DeviceCase, FLOAT } from '../device-case.ts'

function activationCase(activation: Activation, rows: number, width: number): DeviceCase {
  return {
    name: `gatedActivation ${activation} [${rows}, ${width}]`,
    tolerance: FLOAT,
    run(device, seed) {
      const inputs = new Inputs(device, seed)
      // Wide enough to reach where the function is flat on either side.
      const [gateUp, out] = [inputs.filled([rows, 2 * width], 5), inputs.poisoned([rows, width])]
      device.gatedActivation(out, gateUp, rows, activation)
      return [device.download(out)]
    },
  }
}

export const ACTIVATION_CASES: readonly DeviceCase[] = (['silu', 'gelu-tanh'] as const).flatMap(activation => [
  activationCase(activation, 1, 704),
  activationCase(activation, 3, 37),
  activationCase(activation, 9, 5632),
  activationCase(activation, 2, 11008),
  activationCase(activation, 1, 14336),
])
