/**
 * Which tiling of our own kernels is fastest at which projection, beside cuBLASLt, on the card at hand:
 *
 *   npx tsx benchmarks/cuda/sweep-linear.ts [--rows 1,8,16,32,64] [--storage bf16,int8,fp8] [--json FILE]
 *
 * Each figure is a graph of the same projection over many matrices, as in a model's layers, so that no cache holds them.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { openParts } from '../../src/native/device/cuda/create-cuda-device.ts'
import { CudaDevice } from '../../src/native/device/cuda/device.ts'
import type { DeviceOperation } from '../../src/native/device/cuda/operation.ts'
import { gemv, gemvVariants } from '../../src/native/device/cuda/operations/linear-gemv.ts'
import { matmul } from '../../src/native/device/cuda/operations/linear-matmul.ts'
import type { LinearRequest } from '../../src/native/device/cuda/operations/linear-request.ts'
import { skinnyLinear, skinnySplits, skinnyVariants } from '../../src/native/device/cuda/operations/linear-skinny.ts'
import type { CudaTensor, CudaWeight } from '../../src/native/device/cuda/tensor.ts'
import type { Tools } from '../../src/native/device/cuda/tools.ts'
import type { WeightStorage } from '../../src/native/device/device.ts'

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1,8,16,32,64' },
    storage: { type: 'string', default: 'bf16,int8,fp8' },
    shapes: { type: 'string', default: '7' },
    json: { type: 'string' },
    /** Compile share I of N and time nothing: for many processes at once, before the one that times. */
    compile: { type: 'string' },
  },
})

/** Of a 7B and a 13B: query, key and value; attention's output; gate and up; down; head. */
const SHAPES = [
  [12288, 4096],
  [4096, 4096],
  [22016, 4096],
  [4096, 11008],
  [32000, 4096],
  [6144, 4096],
  [5120, 13824],
] as const
/** As much weight as no cache holds. */
const BYTES = 1.5 * 2 ** 30

interface Result {
  readonly storage: WeightStorage
  readonly shape: readonly [number, number]
  readonly rows: number
  readonly variant: string
  readonly microseconds: number
  readonly gigabytesPerSecond: number
}

const results: Result[] = []
const [share = 0, shares = 1] = (values.compile ?? '').split('/').map(Number)
let variantsSeen = 0
const parts = openParts({ gpuMemory: '80%' })
const { stream, context } = parts

const tools: Tools = { ...parts.toolbox, step: parts.rooms.anyFor(1).memory }

function time(operations: readonly DeviceOperation[]): number {
  using graph = stream.capture(() => {
    for (const operation of operations) operation.enqueue(stream)
  })
  using executable = graph.instantiate()
  const [before, after] = [context.createEvent(), context.createEvent()]
  const times: number[] = []
  for (let i = 0; i < 6; i++) {
    stream.record(before)
    executable.launch(stream)
    stream.record(after)
    stream.synchronize()
    if (i > 0) times.push(after.elapsedMs(before))
  }
  return times.sort((a, b) => a - b)[2]! * 1000
}

for (const storage of values.storage.split(',') as WeightStorage[]) {
  for (const shape of SHAPES.slice(0, Number(values.shapes))) {
    const device = new CudaDevice(parts)
    const [width, inner] = shape
    const bytes = width * inner * (storage === 'bf16' ? 2 : 1)
    const copies = values.compile !== undefined ? 1 : Math.max(4, Math.min(32, Math.floor(BYTES / bytes)))
    const weights = Array.from({ length: copies }, (_, i) => {
      const weight = device.allocateWeight(width, inner, storage) as CudaWeight
      device.uploadRandom(weight, 0, width * inner, i, 0.02 / 2 ** 31)
      return weight
    })
    for (const rows of values.rows.split(',').map(Number)) {
      const x = device.allocate([rows, inner], 'bf16', 'activations') as CudaTensor
      const out = device.allocate([rows, width], 'bf16', 'activations') as CudaTensor
      device.uploadRandom(x, 0, rows * inner, 99, 1 / 2 ** 31)

      const variants: [string, (request: LinearRequest) => readonly DeviceOperation[]][] = [
        ['matmul', request => matmul(tools, request)],
      ]
      if (rows === 1) {
        for (const tiling of gemvVariants) {
          variants.push([`gemv ${Object.values(tiling)}`, request => [gemv(tools, request, tiling)]])
        }
      }
      const natural = skinnySplits(weights[0]!, tools.multiprocessors)
      for (const tiling of rows > 1 || storage !== 'bf16' ? skinnyVariants(rows) : []) {
        for (const splits of new Set([natural, 2])) {
          const name = `skinny ${Object.values(tiling)} / ${splits}${splits === natural ? ' *' : ''}`
          variants.push([name, request => skinnyLinear(tools, request, tiling, splits)])
        }
      }
      const found: Result[] = []
      for (const [variant, operations] of variants) {
        if (values.compile !== undefined && variantsSeen++ % shares !== share) continue
        try {
          const all = weights.flatMap(weight => operations({ out, x, weight, rows, bias: undefined }))
          if (values.compile !== undefined) continue
          const microseconds = time(all) / copies
          found.push({ storage, shape, rows, variant, microseconds, gigabytesPerSecond: bytes / microseconds / 1000 })
        } catch (error) {
          console.log(`${storage} ${shape} × ${rows} ${variant}: ${error}`)
        }
      }
      results.push(...found)
      found.sort((a, b) => a.microseconds - b.microseconds)
      const shown = [...found.slice(0, 5), ...found.filter(({ variant }) => variant === 'matmul')]
      for (const { variant, microseconds, gigabytesPerSecond } of shown) {
        console.log(
          `${storage} [${shape}] × ${rows}  ${variant.padEnd(26)} ${microseconds.toFixed(1)} µs  ${gigabytesPerSecond.toFixed(0)} GB/s`,
        )
      }
    }
  }
}
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(results))
