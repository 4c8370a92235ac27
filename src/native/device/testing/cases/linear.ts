import type { WeightStorage } from '../../device.ts'
import { Inputs } from '../case-inputs.ts'
import { type DeviceCase, FLOAT, INT8, STORAGES } from '../device-case.ts'

function linearCase(storage: WeightStorage, rows: number, width: number, inner: number, biased: boolean): DeviceCase {
  return {
    name: `linear ${storage} [${rows}, ${inner}] · [${width}, ${inner}]ᵀ${biased ? ' + bias' : ''}`,
    tolerance: storage === 'int8' ? INT8 : FLOAT,
    needs: storage,
    run(device, seed) {
      const inputs = new Inputs(device, seed)
      const weight = device.allocateWeight(width, inner, storage)
      device.uploadWeight(weight, 0, inputs.normal(width * inner, 0.1))
      const [x, out] = [inputs.filled([rows, inner]), inputs.poisoned([rows, width])]
      device.linear(out, x, weight, rows, biased ? inputs.vector(width) : undefined)
      return [device.download(out)]
    },
  }
}

/**
 * Sizes that no vector divides, then those of kernels for one row, for few and for many: on either side of where one
 * ends, with widths that fill a block and that do not, and with sums that are long.
 */
export const LINEAR_CASES: readonly DeviceCase[] = STORAGES.flatMap(storage => [
  linearCase(storage, 1, 1, 1, false),
  linearCase(storage, 1, 7, 3, true),
  linearCase(storage, 1, 64, 256, false),
  linearCase(storage, 2, 5, 17, true),
  linearCase(storage, 3, 9, 31, false),
  linearCase(storage, 4, 6, 100, true),
  linearCase(storage, 5, 33, 72, false),
  linearCase(storage, 7, 48, 2048, true),
  linearCase(storage, 1, 12, 5632, false),
  linearCase(storage, 2, 8, 11008, false),
  linearCase(storage, 67, 130, 64, true),
  linearCase(storage, 1, 256, 512, true),
  linearCase(storage, 1, 97, 64, true),
  linearCase(storage, 1, 6, 11008, false),
  linearCase(storage, 8, 96, 64, true),
  linearCase(storage, 9, 136, 528, false),
  linearCase(storage, 17, 40, 1024, true),
  linearCase(storage, 33, 256, 512, false),
  linearCase(storage, 64, 72, 272, true),
  linearCase(storage, 65, 96, 256, true),
])
