/**
 * Which tiling of our own kernels is fastest at which projection, beside cuBLASLt, on the card at hand:
 *
 *   npx tsx benchmarks/cuda/sweep-linear.ts [--rows 1,2,8,32] [--storage bf16,int8,fp8] [--shapes 5] [--json FILE]
 *
 * Each figure is a graph of the same projection over many matrices, as in a model's layers, so that no cache holds them.
 */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { openParts } from '../../src/native/device/cuda/create-cuda-device.ts'
import { CudaDevice } from '../../src/native/device/cuda/device.ts'
import { GEMV_ROWS, gemv, gemvVariants } from '../../src/native/device/cuda/operations/linear-gemv.ts'
import { matmul } from '../../src/native/device/cuda/operations/linear-matmul.ts'
import type { LinearRequest } from '../../src/native/device/cuda/operations/linear-request.ts'
import { skinnyLinear, skinnyVariants } from '../../src/native/device/cuda/operations/linear-skinny.ts'
import type { DeviceOperation } from '../../src/native/device/cuda/operations/operation.ts'
import type { CudaTensor, CudaWeight } from '../../src/native/device/cuda/tensor.ts'
import type { Tools } from '../../src/native/device/cuda/tools.ts'
import type { WeightStorage } from '../../src/native/device/device.ts'
import { replayMicroseconds } from './sweep/replay.ts'

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1,2,4,8,16,32,64,128,256' },
    storage: { type: 'string', default: 'bf16,int8,fp8' },
    shapes: { type: 'string', default: '12' },
    json: { type: 'string' },
    /** Compile share I of N and time nothing: for many processes at once, before the one that times. */
    compile: { type: 'string' },
  },
})

/**
 * Query, key and value; attention's output; gate and up; down; head: of a 7B, then of Mistral 7B and a 13B. Of the latter
 * only the likeliest candidates are timed.
 */
const SHAPES = [
  [12288, 4096],
  [4096, 4096],
  [22016, 4096],
  [4096, 11008],
  [32000, 4096],
  [28672, 4096],
  [4096, 14336],
  [6144, 4096],
  [27648, 5120],
  [5120, 13824],
  [15360, 5120],
  [5120, 5120],
] as const
const OF_7B = 5
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

const time = (operations: readonly DeviceOperation[]) => replayMicroseconds(context, stream, operations)

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
    const main = SHAPES.indexOf(shape) < OF_7B && storage !== 'fp8'
    for (const rows of values.rows.split(',').map(Number)) {
      // Whole blocks of rows, as the engine's own activations have them.
      const room = Math.ceil(rows / 64) * 64
      const x = device.allocate([room, inner], 'bf16', 'activations') as CudaTensor
      const out = device.allocate([room, width], 'bf16', 'activations') as CudaTensor
      device.uploadRandom(x, 0, rows * inner, 99, 1 / 2 ** 31)

      const variants: [string, (request: LinearRequest) => readonly DeviceOperation[]][] = []
      if (rows <= GEMV_ROWS) {
        for (const tiling of gemvVariants(rows).slice(0, main ? 12 : rows === 1 ? 6 : 2)) {
          variants.push([`gemv ${Object.values(tiling)}`, request => [gemv(tools, request, tiling)]])
        }
      }
      if (rows > 1) {
        for (const tiling of skinnyVariants(rows, weights[0]!, tools).slice(0, main ? 12 : 3)) {
          variants.push([`skinny ${Object.values(tiling)}`, request => skinnyLinear(tools, request, tiling)])
        }
      }
      if (storage === 'bf16' || rows >= 64) variants.push(['matmul', request => matmul(tools, request)])

      let first: Float32Array | undefined
      for (const [variant, operations] of variants) {
        if (values.compile !== undefined && variantsSeen++ % shares !== share) continue
        try {
          const all = weights.flatMap(weight => operations({ out, x, weight, rows, spare: true }))
          if (values.compile !== undefined) continue
          const microseconds = time(all) / copies
          results.push({ storage, shape, rows, variant, microseconds, gigabytesPerSecond: bytes / microseconds / 1000 })
          const found = sample(out, rows)
          first ??= found
          const error = difference(first, found)
          if (!(error <= 0.03)) console.log(`${storage} ${shape} × ${rows} ${variant}: DIFFERS BY ${error}`)
        } catch (error) {
          console.log(`${storage} ${shape} × ${rows} ${variant}: ${error}`)
        }
      }
      print(storage, shape, rows)
    }
  }
}

function print(storage: WeightStorage, shape: readonly [number, number], rows: number): void {
  const found = results.filter(result => result.storage === storage && result.shape === shape && result.rows === rows)
  const [best, second] = found.sort((a, b) => a.microseconds - b.microseconds)
  if (best === undefined) return
  const shown = [best, second, found.find(({ variant }) => variant === 'matmul')]
    .filter(result => result !== undefined)
    .map(({ variant, microseconds }) => `${variant} ${microseconds.toFixed(1)}`)
  console.log(
    `${storage} ${shape} × ${rows} ${best.gigabytesPerSecond.toFixed(0)} GB/s: ${[...new Set(shown)].join(' | ')}`,
  )
}

/** Some of what a product left. */
function sample({ pointer, shape }: CudaTensor, rows: number): Float32Array {
  const bits = new Uint16Array(Math.min(rows, 64) * shape[1]!)
  stream.copyToHost(bits, pointer)
  stream.synchronize()
  const words = Uint32Array.from({ length: Math.ceil(bits.length / 13) }, (_, i) => bits[i * 13]! << 16)
  return new Float32Array(words.buffer)
}

/** The largest difference, relative to the root mean square. */
function difference(a: Float32Array, b: Float32Array): number {
  const rms = Math.sqrt(a.reduce((sum, v) => sum + v * v, 0) / a.length)
  return a.reduce((most, v, i) => Math.max(most, Number.isNaN(b[i]!) ? Infinity : Math.abs(v - b[i]!)), 0) / rms
}

if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(results))
