// How fast the CPU device is: its linears in GFLOP/s and GB/s of weights read, for each storage, shape and number of
// rows; then all operations of a decoder in a step, in tokens per second.
// `npm run build`, then `npx tsx benchmarks/device.ts [--reference] [--threads N…] [--steps-only]`

import { parseArgs } from 'node:util'
import { createCpuDevice, createReferenceDevice } from '../src/native/device/cpu/index.ts'
import { BLOCK_SIZE, type Device, type WeightStorage } from '../src/native/device/device.ts'

const { values: options } = parseArgs({
  options: {
    reference: { type: 'boolean', default: false },
    'steps-only': { type: 'boolean', default: false },
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
const BYTES = { f32: 4, bf16: 2, f16: 2, int8: 1, fp8: 1 } as const
/** As much weight as no cache holds, as in a model whose layers follow each other. */
const COLD_BYTES = 128 * 2 ** 20

/** Seconds: the best of several passes over copies of one weight; the machine may be doing other things. */
function measure(device: Device, storage: WeightStorage, rows: number, width: number, inner: number): number {
  const bytes = width * inner * BYTES[storage]
  const copies = Math.max(1, Math.min(64, Math.floor(COLD_BYTES / bytes)))
  const weights = Array.from({ length: copies }, () => device.allocateWeight(width, inner, storage))
  const one = Float32Array.from({ length: width * inner }, (_, i) => Math.sin(i) * 0.1)
  for (const weight of weights) device.uploadWeight(weight, 0, one)
  const x = device.allocate([rows, inner], 'f32', 'activations')
  device.upload(
    x,
    Float32Array.from({ length: rows * inner }, (_, i) => Math.cos(i)),
  )
  const out = device.allocate([rows, width], 'f32', 'activations')
  let best = Number.POSITIVE_INFINITY
  const end = performance.now() + 400
  for (let pass = 0; pass < 3 || performance.now() < end; pass++) {
    const start = performance.now()
    for (const weight of weights) device.linear(out, x, weight, rows)
    best = Math.min(best, performance.now() - start)
  }
  return best / 1000 / copies
}

async function table(title: string, open: () => Promise<Device>, rowCounts: readonly number[]): Promise<void> {
  console.log(`\n${title}\n${'shape'.padEnd(22)}storage  rows        µs   GFLOP/s      GB/s`)
  for (const { model, inner, width } of SHAPES) {
    for (const storage of ['f32', 'bf16', 'int8'] as const) {
      for (const rows of rowCounts) {
        const device = await open()
        const seconds = measure(device, storage, rows, width, inner)
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

/** A decoder's sizes. */
interface Model {
  readonly name: string
  readonly hidden: number
  readonly layers: number
  readonly heads: number
  readonly kvHeads: number
  readonly headDim: number
  readonly feedForward: number
  readonly vocab: number
  readonly storages: readonly WeightStorage[]
}

const MODELS: readonly Model[] = [
  {
    name: 'ember',
    hidden: 256,
    layers: 6,
    heads: 8,
    kvHeads: 4,
    headDim: 32,
    feedForward: 768,
    vocab: 4096,
    storages: ['f32', 'bf16', 'int8'],
  },
  {
    name: '1.1B',
    hidden: 2048,
    layers: 22,
    heads: 32,
    kvHeads: 4,
    headDim: 64,
    feedForward: 5632,
    vocab: 32000,
    storages: ['bf16', 'int8'],
  },
]
/** Positions that every sequence has behind it. */
const CONTEXT = 256

/** Seconds of one step that gives `rows` sequences a token each; the best and the median. */
function measureStep(device: Device, model: Model, storage: WeightStorage, rows: number): readonly [number, number] {
  const { hidden, heads, kvHeads, headDim, feedForward, vocab } = model
  const shape = { heads, kvHeads, headDim }
  const norm = { epsilon: 1e-5, offset: 0 } as const
  const vector = (size: number) => {
    const made = device.allocate([size], 'f32', 'weights')
    device.upload(made, new Float32Array(size).fill(1))
    return made
  }
  const matrix = (out: number, inner: number) => {
    const made = device.allocateWeight(out, inner, storage)
    const row = Float32Array.from({ length: inner }, (_, i) => Math.sin(i) / Math.sqrt(inner))
    for (let n = 0; n < out; n++) device.uploadWeight(made, n, row)
    return made
  }
  const activation = (columns: number) => device.allocate([rows, columns], 'f32', 'activations')
  const perSequence = CONTEXT / BLOCK_SIZE
  const cache = () => device.allocate([rows * perSequence, BLOCK_SIZE, kvHeads, headDim], 'f32', 'kv-cache')
  const layers = Array.from({ length: model.layers }, () => ({
    norms: [vector(hidden), vector(hidden)] as const,
    qkv: matrix((heads + 2 * kvHeads) * headDim, hidden),
    o: matrix(hidden, heads * headDim),
    gateUp: matrix(2 * feedForward, hidden),
    down: matrix(hidden, feedForward),
    kv: { k: cache(), v: cache() },
  }))
  const [table, head, last] = [matrix(vocab, hidden), matrix(vocab, hidden), vector(hidden)]
  const rope = { cos: vector((CONTEXT * headDim) / 2), sin: vector((CONTEXT * headDim) / 2) }
  const [residual, normed, delta] = [activation(hidden), activation(hidden), activation(hidden)]
  const [qkv, mixed] = [activation((heads + 2 * kvHeads) * headDim), activation(heads * headDim)]
  const [gateUp, gated, logits] = [activation(2 * feedForward), activation(feedForward), activation(vocab)]
  device.seal()

  const each = (of: (s: number) => number) => Int32Array.from({ length: rows }, (_, s) => of(s))
  const inputs = {
    tokens: each(s => s),
    positions: each(() => CONTEXT - 1),
    slots: each(s => (s + 1) * CONTEXT - 1),
    queryStarts: Int32Array.from({ length: rows + 1 }, (_, s) => s),
    contextLengths: each(() => CONTEXT),
    blockTables: Int32Array.from({ length: rows * perSequence }, (_, block) => block),
    maxBlocks: perSequence,
    logitRows: each(s => s),
  }
  const step = () => {
    device.begin(inputs)
    device.embed(residual, table, 1)
    for (const [i, layer] of layers.entries()) {
      if (i === 0) device.norm(normed, residual, layer.norms[0], rows, norm)
      else device.addNorm(normed, residual, delta, layer.norms[0], rows, norm)
      device.linear(qkv, normed, layer.qkv, rows)
      device.ropeAndCache(qkv, layer.kv, shape, rope)
      device.attention(mixed, qkv, layer.kv, shape, { scale: 0.1, window: undefined })
      device.linear(delta, mixed, layer.o, rows)
      device.addNorm(normed, residual, delta, layer.norms[1], rows, norm)
      device.linear(gateUp, normed, layer.gateUp, rows)
      device.gatedActivation(gated, gateUp, rows, 'silu')
      device.linear(delta, gated, layer.down, rows)
    }
    device.addNorm(normed, residual, delta, last, rows, norm)
    device.linear(logits, normed, head, rows)
  }
  const times: number[] = []
  const end = performance.now() + 2000
  while (times.length < 5 || performance.now() < end) {
    const start = performance.now()
    step()
    times.push((performance.now() - start) / 1000)
  }
  times.sort((a, b) => a - b)
  return [times[0]!, times[times.length >> 1]!]
}

async function steps(threads: number): Promise<void> {
  console.log(`\ndecode, cpu, ${threads} thread${threads === 1 ? '' : 's'}, ${CONTEXT} positions of context`)
  console.log('model   storage  rows   ms/step     tok/s   (median)')
  for (const model of MODELS) {
    for (const storage of model.storages) {
      for (const rows of [1, 8]) {
        await using device = await createCpuDevice({ threads })
        const [best, median] = measureStep(device, model, storage, rows)
        const columns = [(best * 1e3).toFixed(2), (rows / best).toFixed(1), `(${(rows / median).toFixed(1)})`]
        const row = `${model.name.padEnd(8)}${storage.padEnd(8)}${String(rows).padStart(5)}`
        console.log(row + columns.map(column => column.padStart(10)).join(''))
      }
    }
  }
}

for (const threads of options.threads.map(Number)) {
  const title = `linear, cpu, ${threads} thread${threads === 1 ? '' : 's'}`
  if (!options['steps-only']) await table(title, () => createCpuDevice({ threads }), ROWS)
  await steps(threads)
}
if (options.reference) await table('linear, cpu-reference', async () => createReferenceDevice(), [1])
