import type { WeightStorage } from '../../device.ts'
import { Inputs, stepOf } from '../case-inputs.ts'
import { type DeviceCase, FLOAT, STORAGES } from '../device-case.ts'

function embedCase(storage: WeightStorage, width: number, scale: number): DeviceCase {
  return {
    name: `embed ${storage} [99, ${width}] · ${scale}`,
    tolerance: FLOAT,
    needs: storage,
    run(device, seed) {
      const inputs = new Inputs(device, seed)
      const table = device.allocateWeight(99, width, storage)
      // Row by row, as a loader that streams would.
      for (let row = 0; row < 99; row++) device.uploadWeight(table, row, inputs.normal(width))
      const out = inputs.poisoned([5, width], 'f32')
      device.begin(stepOf(inputs, [{ cached: 0, queries: 5 }], 99))
      device.embed(out, table, scale)
      return [device.download(out)]
    },
  }
}

export const EMBED_CASES: readonly DeviceCase[] = STORAGES.flatMap(storage => [
  embedCase(storage, 64, 1),
  embedCase(storage, 37, 8),
  embedCase(storage, 1, 0.5),
  embedCase(storage, 2048, 1),
  embedCase(storage, 4096, 1),
])
