import { Inputs, stepOf } from '../case-inputs.ts'
import type { DeviceCase } from '../device-case.ts'

function gatherCase(width: number): DeviceCase {
  return {
    name: `gather [3, ${width}]`,
    tolerance: 0,
    run(device, seed) {
      const inputs = new Inputs(device, seed)
      device.begin(
        stepOf(
          inputs,
          [2, 1, 4].map(queries => ({ cached: 3, queries })),
        ),
      )
      const [x, out] = [inputs.filled([7, width]), inputs.poisoned([3, width])]
      device.gather(out, x)
      return [device.download(out)]
    },
  }
}

export const GATHER_CASES: readonly DeviceCase[] = [gatherCase(64), gatherCase(33), gatherCase(4096)]
