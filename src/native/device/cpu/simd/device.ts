import { availableParallelism } from 'node:os'
import { UnsupportedError } from '../../../../engine/index.ts'
import { sampleRow } from '../../../sampling/sample-row.ts'
import type { Device, HeadShape, KvLayer, MemoryBudget, Tensor, Weight } from '../../device.ts'
import { columnsOf, requireRoom } from '../room.ts'
import { type Sampler, stepRunner } from '../run-step.ts'
import { uploadRandom } from '../upload-random.ts'
import { Arena } from './arena.ts'
import { instantiate, loadKernels } from './kernels.ts'
import { Pool } from './pool.ts'
import { Scratch } from './scratch.ts'
import { Step } from './step.ts'
import { SimdTensor } from './tensor.ts'
import { paddedTo16, SimdWeight } from './weight.ts'
import { WeightLoader } from './weight-loader.ts'

export interface CpuDeviceOptions {
  /** The caller's thread included; default: one for each core that this process may use. */
  readonly threads?: number | undefined
  /**
   * Multiply-adds (some 0.05 to 0.1 ns each) that make another thread worth its waking, at least 1; default 150 000.
   * Results are the same bits for any value.
   */
  readonly chunkWork?: number | undefined
}

/** The numbers by which the kernels know them. */
const ACTIVATION_NUMBERS = { silu: 0, 'gelu-tanh': 1 } as const

/**
 * The device for processors: WebAssembly SIMD over one shared memory, on as many threads as are asked for.
 *
 * Arithmetic is in floats; int8 weights meet activations quantised to 16 bits, which costs about 1e-4 of a row's size.
 *
 * @throws ModelLoadError when the kernels are not built or the memory cannot be reserved; RangeError for a number of
 *   threads that is none.
 */
export async function createCpuDevice(options: CpuDeviceOptions = {}): Promise<Device> {
  const { threads = availableParallelism(), chunkWork = 150_000 } = options
  if (!Number.isInteger(threads) || threads < 1) throw new RangeError(`threads is ${threads} but must be 1 or more`)
  const module = loadKernels()
  const arena = new Arena()
  const kernels = instantiate(module, arena.memory)
  const pool = await Pool.start(module, arena.memory, threads, chunkWork)
  const step = new Step(arena)
  const loader = new WeightLoader(arena, kernels)
  const quantised = new Scratch(arena)
  const scores = new Scratch(arena)
  const activations: SimdTensor[] = []
  const int8Inners = new Set<number>()
  let sealed = false

  const tensor = (value: Tensor): SimdTensor => {
    if (value instanceof SimdTensor && value.arena === arena) return value
    throw new TypeError('this tensor belongs to another device')
  }
  const weightOf = (value: Weight): SimdWeight => {
    if (value instanceof SimdWeight && value.arena === arena) return value
    throw new TypeError('this weight belongs to another device')
  }
  const unsealed = (): void => {
    if (sealed) throw new RangeError('the device is sealed: allocate before seal()')
  }
  const stepCount = (): number => {
    if (step.count === 0) throw new RangeError('begin() comes before the first operation')
    return step.count
  }
  const address = (value: Tensor, elements: number, operation: string, role: string): number => {
    const { at, type } = tensor(value)
    requireRoom(value, elements, operation, role)
    if (type !== 'f32') throw new TypeError(`${operation}: ${role} is ${type} but must be f32`)
    return at
  }
  const optional = (value: Tensor | undefined, elements: number, operation: string, role: string): number =>
    value === undefined ? 0 : address(value, elements, operation, role)
  const cache = ({ k, v }: KvLayer): { k: number; v: number; bf16: number } => {
    const [keys, values] = [tensor(k), tensor(v)]
    if (keys.type !== values.type) throw new TypeError('keys and values are cached in one type')
    return { k: keys.at, v: values.at, bf16: keys.type === 'bf16' ? 1 : 0 }
  }
  const sample: Sampler = (logits, rows) => {
    const vocab = columnsOf(logits)
    address(logits, rows.length * vocab, 'sample', 'logits')
    const values = tensor(logits)
    return rows.map((row, r) => sampleRow(values.row(r, vocab), row))
  }
  const quantisedBytes = (rows: number, inner: number): number => rows * (paddedTo16(inner) * 2 + 4)

  return {
    name: 'cpu',
    activationType: 'f32',
    types: new Set(['f32', 'bf16', 'i32', 'int8'] as const),
    batchInvariant: true,
    depth: 1,
    run: stepRunner(sample),
    async prepare() {},

    allocate(shape, type, purpose) {
      unsealed()
      const made = new SimdTensor(arena, [...shape], type, purpose)
      if (purpose === 'activations') activations.push(made)
      return made
    },

    upload(to, values, offset = 0) {
      tensor(to).upload(values, offset)
    },

    download(from, elements = tensor(from).elements) {
      return tensor(from).download(elements)
    },

    allocateWeight(out, inner, storage) {
      unsealed()
      if (storage === 'int8') int8Inners.add(inner)
      return new SimdWeight(arena, out, inner, storage)
    },

    uploadWeight(weight, firstRow, values) {
      loader.store(weightOf(weight), firstRow, values)
    },

    uploadRandom(this: Device, to, first, count, key, scale) {
      uploadRandom(this, to, first, count, key, scale)
    },

    seal(): MemoryBudget {
      sealed = true
      step.reserve(Math.max(0, ...activations.map(({ shape }) => shape[0] ?? 0)))
      for (const { shape } of activations) {
        const [rows = 1, columns = 1] = shape
        if (int8Inners.has(columns)) quantised.of(quantisedBytes(rows, columns))
      }
      return arena.budget
    },

    begin(inputs) {
      step.begin(inputs)
    },

    embed(out, table, scale) {
      const { at, scales, stride, storageNumber, shape } = weightOf(table)
      const count = stepCount()
      const to = address(out, count * shape[1], 'embed', 'out')
      kernels.embed(to, at, scales, step.tokens, count, shape[1], stride, storageNumber, scale)
    },

    norm(out, x, weight, rows, { epsilon, offset }) {
      const width = columnsOf(weight)
      const to = address(out, rows * width, 'norm', 'out')
      const from = address(x, rows * width, 'norm', 'x')
      kernels.norm(to, from, 0, address(weight, width, 'norm', 'weight'), rows, width, epsilon, offset)
    },

    addNorm(out, residual, x, weight, rows, { epsilon, offset }) {
      const width = columnsOf(weight)
      const to = address(out, rows * width, 'addNorm', 'out')
      const sum = address(residual, rows * width, 'addNorm', 'residual')
      const added = address(x, rows * width, 'addNorm', 'x')
      kernels.norm(to, sum, added, address(weight, width, 'addNorm', 'weight'), rows, width, epsilon, offset)
    },

    add(residual, x, rows) {
      const elements = rows * columnsOf(residual)
      kernels.add(address(residual, elements, 'add', 'residual'), address(x, elements, 'add', 'x'), elements)
    },

    linear(out, x, weight, rows, bias) {
      const { at, scales, storage, shape } = weightOf(weight)
      const [width, inner] = shape
      const to = address(out, rows * width, 'linear', 'out')
      const from = address(x, rows * inner, 'linear', 'x')
      const added = optional(bias, width, 'linear', 'bias')
      if (storage !== 'int8') {
        kernels.linear(to, from, at, added, rows, width, inner, storage === 'bf16' ? 1 : 0)
        return
      }
      const q = quantised.of(quantisedBytes(rows, inner))
      kernels.linearInt8(to, from, at, scales, added, q, q + rows * paddedTo16(inner) * 2, rows, width, inner)
    },

    ropeAndCache(qkv, kv, shape, rope, qkNorm) {
      const { heads, kvHeads, headDim } = divisible(shape)
      const count = stepCount()
      const x = address(qkv, count * (heads + 2 * kvHeads) * headDim, 'ropeAndCache', 'qkv')
      const { k, v, bf16 } = cache(kv)
      kernels.ropeAndCache(
        x,
        k,
        v,
        address(rope.cos, 0, 'ropeAndCache', 'cos'),
        address(rope.sin, 0, 'ropeAndCache', 'sin'),
        step.positions,
        step.slots,
        count,
        heads,
        kvHeads,
        headDim,
        bf16,
        optional(qkNorm?.q, headDim, 'ropeAndCache', 'q norm'),
        optional(qkNorm?.k, headDim, 'ropeAndCache', 'k norm'),
        qkNorm?.epsilon ?? 0,
        qkNorm?.offset ?? 0,
      )
    },

    attention(out, qkv, kv, shape, { scale, window }) {
      const { heads, kvHeads, headDim } = divisible(shape)
      const count = stepCount()
      const { k, v, bf16 } = cache(kv)
      const { positions, sequences, tables, maxBlocks, seen } = step
      kernels.attention(
        address(out, count * heads * headDim, 'attention', 'out'),
        address(qkv, count * (heads + 2 * kvHeads) * headDim, 'attention', 'qkv'),
        k,
        v,
        positions,
        sequences,
        tables,
        maxBlocks,
        count,
        heads,
        kvHeads,
        headDim,
        scale,
        window ?? 0,
        bf16,
        scores.of(threads * (heads / kvHeads) * maxBlocks * 16 * 4),
        window === undefined ? seen : Math.min(seen, count * window),
      )
    },

    gatedActivation(out, gateUp, rows, activation) {
      const width = columnsOf(gateUp) / 2
      const to = address(out, rows * width, 'gatedActivation', 'out')
      const from = address(gateUp, rows * 2 * width, 'gatedActivation', 'gateUp')
      kernels.gatedActivation(to, from, rows, width, ACTIVATION_NUMBERS[activation])
    },

    gather(out, x) {
      stepCount()
      const width = columnsOf(x)
      const { logitRows } = step
      const to = address(out, logitRows.length * width, 'gather', 'out') / 4
      const from = address(x, 0, 'gather', 'x') / 4
      for (let i = 0; i < logitRows.length; i++) {
        const row = from + logitRows[i]! * width
        arena.floats.copyWithin(to + i * width, row, row + width)
      }
    },

    sample: async (logits, rows) => sample(logits, rows),

    [Symbol.asyncDispose]() {
      return pool[Symbol.asyncDispose]()
    },
  }
}

/** Vectors of four meet halves of a head; a query group shares a key/value head. */
function divisible(shape: HeadShape): HeadShape {
  const { heads, kvHeads, headDim } = shape
  if (headDim % 8 !== 0) throw new UnsupportedError(`the CPU device needs head sizes that 8 divides, not ${headDim}`)
  if (heads % kvHeads !== 0) throw new UnsupportedError(`${kvHeads} key/value heads do not divide ${heads} heads`)
  return shape
}
