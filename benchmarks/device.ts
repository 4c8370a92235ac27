// How fast the CPU device's linears are: GFLOP/s, and GB/s of weights read, for each storage, shape and number of rows.
// `npm run build`, then `npx tsx benchmarks/device.ts [--reference] [--threads N…]`

import { parseArgs } from 'node:util'
import { createCpuDevice, createReferenceDevice } from '../src/native/device/cpu/index.ts'
import type { Device, WeightStorage } from '../src/native/device/device.ts'

const { values: options } = parseArgs({
  options: {
    reference: { type: 'boolean', default: false },
    threads: { type: 'string', multiple: true, default: ['1', '2'] },
  },
})

const SHAPES = [
  { model: 'ember', inner: 256, width: 768 },
  { model: 'ember', inner: 256, width: 4096 },
  { model: '1.1B', inner: 2048, width: 2048 },
  { model: '1.1B', inner: 2048, width: 5632 },
  { model: '1.1B', inner: 2048, width: 32000 },
] as const
const ROWS = [1, 4, 8, 32]
const BYTES = { f32: 4, bf16: 2, int8: 1 } as const
/** As much weight as no cache holds, as in a model whose layers follow each other. */
const COLD_BYTES = 128 * 2 ** 20

interface Measured {
  readonly seconds: number
}

/** The best of several passes over copies of one weight; the machine may be doing other things. */
function measure(device: Device, storage: WeightStorage, rows: number, width: number, inner: number): Measured {
  const bytes = width * inner * BYTES[storage]
  const copies = Math.max(1, Math.min(64, Math.floor(COLD_BYTES / bytes)))
  const weights = Array.from({ length: copies }, () => device.allocateWeight(width, inner, storage))
  const one = Float32Array.from({ length: width * inner }, (_, i) => Math.sin(i) * 0.1)
  for (const weight of weights) device.uploadWeight(weight, 0, one)
  const x = device.allocate([rows, inner], 'f32', 'activations')
  device.upload(x, Float32Array.from({ length: rows * inner }, (_, i) => Math.cos(i)))
  const out = device.allocate([rows, width], 'f32', 'activations')
  let best = Number.POSITIVE_INFINITY
  const end = performance.now() + 400
  for (let pass = 0; pass < 3 || performance.now() < end; pass++) {
    const start = performance.now()
    for (const weight of weights) device.linear(out, x, weight, rows)
    best = Math.min(best, performance.now() - start)
  }
  return { seconds: best / 1000 / copies }
}

async function table(title: string, open: () => Promise<Device>, rowCounts: readonly number[]): Promise<void> {
  console.log(`\n${title}\n${'shape'.padEnd(22)}storage  rows        µs   GFLOP/s      GB/s`)
  for (const { model, inner, width } of SHAPES) {
    for (const storage of ['f32', 'bf16', 'int8'] as const) {
      for (const rows of rowCounts) {
        const device = await open()
        const { seconds } = measure(device, storage, rows, width, inner)
        await device[Symbol.asyncDispose]()
        const columns = [
          (seconds * 1e6).toFixed(1).padStart(10),
          ((2 * rows * width * inner) / seconds / 1e9).toFixed(2).padStart(10),
          ((width * inner * BYTES[storage]) / seconds / 1e9).toFixed(2).padStart(10),
        ]
        const shape = `${model} ${inner}→${width}`.padEnd(22)
        console.log(`${shape}${storage.padEnd(6)}${String(rows).padStart(6)}${columns.join('')}`)
      }
    }
  }
}

for (const threads of options.threads.map(Number)) {
  await table(`cpu, ${threads} thread${threads === 1 ? '' : 's'}`, () => createCpuDevice({ threads }), ROWS)
}
if (options.reference) await table('cpu-reference', async () => createReferenceDevice(), [1])
