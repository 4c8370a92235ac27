import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { useEmulator } from '../../../../../test/emulator/emulator.ts'
import {
  type CudaContext,
  CudaUnavailableError,
  KernelCache,
  MatmulLibrary,
  openCuda,
  type Stream,
} from '../../../../cuda/index.ts'
import { geluTanh, silu } from '../../cpu/reference/activation.ts'
import type { ActivationType, ElementType, WeightStorage } from '../../device.ts'
import { KernelLibrary } from '../kernels/kernel-library.ts'
import { CudaTensor, CudaWeight, ELEMENT_BYTES } from '../tensor.ts'
import type { Tools } from '../tools.ts'
import { linear } from './linear.ts'
import { linearAny } from './linear-any.ts'
import { type GemvTiling, gemv, gemvBlocks } from './linear-gemv.ts'
import { type SkinnyTiling, skinnyLinear } from './linear-skinny.ts'
import type { DeviceOperation } from './operation.ts'

const card = findCard()

/** The kernels by themselves, with tilings that small shapes would not get, against sums in double precision. */
describe.skipIf(!card)('products on the card', () => {
  let bench: Bench
  beforeAll(() => {
    bench = new Bench()
  })
  afterAll(() => bench[Symbol.dispose]())

  describe('gemv', () => {
    const tilings: readonly GemvTiling[] = [
      { rowsPerWarp: 2, loads: 4, warps: 4, split: 1, ring: 0, late: 0 },
      { rowsPerWarp: 4, loads: 2, warps: 4, split: 2, ring: 1, late: 1 },
      { rowsPerWarp: 2, loads: 1, warps: 2, split: 2, ring: 1, late: 0 },
    ]
    // Less than a round, whole rounds, and a rest; rows that fill the last warp and that do not.
    const shapes = [
      [10, 64],
      [33, 1024],
      [24, 1376],
    ] as const
    for (const [width, inner] of shapes) {
      for (const [i, tiling] of tilings.entries()) {
        it.each(STORAGES)(`multiplies by %s [${width}, ${inner}], tiling ${i}`, storage => {
          const bits = bench.weight(width, inner, storage)
          const x = bench.activations(1, inner, storage === 'f32' ? 'f32' : 'bf16')
          const bias = bench.floats(width)
          const out = bench.poisoned(1, width, 'f32')
          bench.run([gemv(bench.tools, { ...bits, x: x.tensor, out, rows: 1, bias: bias.tensor }, tiling)])
          expectClose(bench.read(out), product(x.values, bits.values, 1, width, inner, bias.values), 1e-5)
          bench.expectUntouched(out, 1)
        })
      }
    }

    it.each([2, 3, 4])('multiplies %i rows, each with the bits that it has alone', rows => {
      const [half, inner] = [19, 1376]
      for (const storage of ['bf16', 'int8'] as const) {
        const weight = bench.weight(2 * half, inner, storage)
        const x = bench.activations(rows, inner, 'bf16')
        const [bias, residual] = [bench.floats(2 * half), bench.floats(rows * 2 * half)]
        const expected = product(x.values, weight.values, rows, 2 * half, inner, bias.values)
        for (const tiling of tilings) {
          const out = bench.poisoned(rows, 2 * half, 'f32')
          const request = { ...weight, x: x.tensor, out, rows, bias: bias.tensor }
          bench.run([gemv(bench.tools, request, tiling)])
          expectClose(bench.read(out), expected, 1e-5)
          bench.expectUntouched(out, rows)
          const alone = bench.poisoned(1, 2 * half, 'f32')
          bench.run([gemv(bench.tools, { ...request, out: alone, rows: 1 }, tiling)])
          expect(bench.read(out).slice(0, 2 * half)).toEqual(bench.read(alone))

          const gate = bench.poisoned(rows, half, 'f32')
          const gating = { kind: 'gated', activation: 'silu' } as const
          bench.run([gemv(bench.tools, { ...request, out: gate, output: gating }, tiling)])
          expectClose(bench.read(gate), gated(expected, rows, 'silu'), 1e-5)
          bench.expectUntouched(gate, rows)

          bench.write(residual.tensor, residual.values)
          const adding = { kind: 'residual', residual: residual.tensor } as const
          bench.run([gemv(bench.tools, { ...request, out: alone, output: adding }, tiling)])
          const sums = expected.map((v, i) => v + residual.values[i]!)
          expectClose(bench.read(residual.tensor), sums, 1e-5)
        }
      }
    })

    it.each([
      [1, 0],
      [1, 1],
      [3, 0],
    ] as const)('adds to the residual and begins the next norm: %i rows, weight + %s', (rows, offset) => {
      const [width, inner] = [46, 256]
      const weight = bench.weight(width, inner, 'bf16')
      const x = bench.activations(rows, inner, 'bf16')
      const [residual, next] = [bench.floats(rows * width), bench.floats(width)]
      const out = bench.poisoned(rows, width, 'f32')
      for (const tiling of tilings) {
        bench.write(residual.tensor, residual.values)
        const blocks = gemvBlocks(weight.weight, tiling)
        const partials = bench.poisoned(rows, blocks, 'f32')
        const output = {
          kind: 'residual',
          residual: residual.tensor,
          next: { weight: next.tensor, offset, partials: partials.pointer },
        } as const
        bench.run([gemv(bench.tools, { ...weight, x: x.tensor, out, rows, output }, tiling)])
        const sums = product(x.values, weight.values, rows, width, inner).map((v, i) => v + residual.values[i]!)
        expectClose(bench.read(residual.tensor), sums, 1e-5)
        expectClose(
          bench.read(out),
          sums.map((v, i) => v * (next.values[i % width]! + offset)),
          1e-5,
        )
        for (let row = 0; row < rows; row++) {
          const squares = bench.read(partials).slice(row * blocks, (row + 1) * blocks)
          expect(squares.reduce((sum, v) => sum + v, 0)).toBeCloseTo(
            sums.slice(row * width, (row + 1) * width).reduce((sum, v) => sum + v * v, 0),
            2,
          )
        }
      }
    })

    it.each([1, 3])('finishes a norm that its input of %i rows was left with', rows => {
      const [width, inner, count] = [12, 512, 300]
      const weight = bench.weight(width, inner, 'fp8')
      const [x, partials] = [bench.activations(rows, inner, 'bf16'), bench.floats(rows * count)]
      const squares = partials.values.map(v => v * v)
      bench.write(partials.tensor, squares)
      const input = { partials: partials.tensor.pointer, count, epsilon: 1e-5 }
      const rms = Float64Array.from({ length: rows }, (_, row) => {
        const sum = squares.slice(row * count, (row + 1) * count).reduce((sum, v) => sum + v, 0)
        return Math.sqrt(sum / inner + 1e-5)
      })
      for (const tiling of tilings) {
        const out = bench.poisoned(rows, width, 'f32')
        bench.run([gemv(bench.tools, { ...weight, x: x.tensor, out, rows, input }, tiling)])
        const expected = product(x.values, weight.values, rows, width, inner).map(
          (v, i) => v / rms[Math.floor(i / width)]!,
        )
        expectClose(bench.read(out), expected, 1e-5)
      }
    })

    it.each(['silu', 'gelu-tanh'] as const)('gates by %s', activation => {
      const [half, inner] = [19, 256]
      const weight = bench.weight(2 * half, inner, 'int8')
      const x = bench.activations(1, inner, 'f16')
      for (const tiling of tilings) {
        const out = bench.poisoned(1, half, 'f32')
        const output = { kind: 'gated', activation } as const
        bench.run([gemv(bench.tools, { ...weight, x: x.tensor, out, rows: 1, output }, tiling)])
        expectClose(bench.read(out), gated(product(x.values, weight.values, 1, 2 * half, inner), 1, activation), 1e-5)
        bench.expectUntouched(out, 1)
      }
    })

    it.each([
      ['f32', [3], [7]],
      ['bf16', [3], [7]],
      ['fp8', [3], [7]],
      ['f32', [-1], [-1]],
      ['f32', [4, 0, -1], [2, 9, -1]],
    ] as const)('rotates into a cache of %s, positions %j, slots %j', (type, positions, slots) => {
      const [inner, heads] = [128, { heads: 3, kvHeads: 1, headDim: 12 }]
      const width = 5 * 12
      const rows = positions.length
      const weight = bench.weight(width, inner, 'bf16')
      const x = bench.activations(rows, inner, 'bf16')
      const bias = bench.floats(width)
      const [cos, sin] = [bench.floats(5 * 6), bench.floats(5 * 6)]
      bench.place(positions, slots)
      for (const tiling of tilings) {
        const out = bench.poisoned(rows, width, 'f32')
        const [k, v] = [bench.poisoned(16, 12, type), bench.poisoned(16, 12, type)]
        const rope = { cos: cos.tensor, sin: sin.tensor }
        const output = { kind: 'rope', kv: { k, v }, heads, rope } as const
        bench.run([gemv(bench.tools, { ...weight, x: x.tensor, out, rows, bias: bias.tensor, output }, tiling)])
        const products = product(x.values, weight.values, rows, width, inner, bias.values)
        const [keys, values] = [new Float32Array(16 * 12).fill(Number.NaN), new Float32Array(16 * 12).fill(Number.NaN)]
        for (let row = 0; row < rows; row++) {
          const expected = products.slice(row * width, (row + 1) * width)
          const position = Math.max(0, positions[row]!)
          for (let head = 0; head < 4; head++) {
            for (let d = 0; d < 6; d++) {
              const [c, s] = [cos.values[position * 6 + d]!, sin.values[position * 6 + d]!]
              const [low, high] = [expected[head * 12 + d]!, expected[head * 12 + d + 6]!]
              expected[head * 12 + d] = low * c - high * s
              expected[head * 12 + d + 6] = high * c + low * s
            }
          }
          expectClose(bench.read(out).slice(row * width, row * width + 36), expected.slice(0, 36), 1e-5)
          if (slots[row]! < 0) continue
          keys.set(expected.slice(36, 48), slots[row]! * 12)
          values.set(expected.slice(48, 60), slots[row]! * 12)
        }
        expectClose(bench.read(k), keys, TOLERANCE[type])
        expectClose(bench.read(v), values, TOLERANCE[type])
      }
    })
  })

  describe('skinnyLinear', () => {
    const common = { kWarps: 2, splits: 1, stage: 256 }
    const tilings: readonly SkinnyTiling[] = [
      { ...common, tokens: 8, warps: 2, tiles: 1, loads: 8, stages: 3, resident: 2, late: 0 },
      { ...common, tokens: 16, warps: 4, tiles: 2, loads: 4, stages: 2, resident: 1, late: 1 },
    ]
    for (const type of ['bf16', 'f16'] as const) {
      for (const storage of [type, 'int8', 'fp8'] as const) {
        it.each([
          [1, 40, 512, 1],
          [9, 130, 528, 2],
          [17, 64, 1104, 3],
        ])(`multiplies %i rows of ${type} by ${storage} [%i, %i] in %i slices`, (rows, width, inner, splits) => {
          const weight = bench.weight(width, inner, storage)
          const [x, bias] = [bench.activations(rows, inner, type), bench.floats(width)]
          const expected = product(x.values, weight.values, rows, width, inner, bias.values)
          let bits: Float32Array | undefined
          for (const tiling of tilings) {
            const out = bench.poisoned(rows, width, 'f32')
            const request = { ...weight, x: x.tensor, out, rows, bias: bias.tensor }
            bench.run(skinnyLinear(bench.tools, request, { ...tiling, splits }))
            const found = bench.read(out)
            expectClose(found, expected, 1e-5)
            bench.expectUntouched(out, rows)
            bits ??= found
            expect(found).toEqual(bits)
          }
        })
      }
    }

    it('adds to the residual', () => {
      const [rows, width, inner] = [5, 48, 1024]
      const weight = bench.weight(width, inner, 'bf16')
      const [x, residual] = [bench.activations(rows, inner, 'bf16'), bench.floats(rows * width)]
      const out = bench.poisoned(rows, width, 'bf16')
      const output = { kind: 'residual', residual: residual.tensor } as const
      bench.run(skinnyLinear(bench.tools, { ...weight, x: x.tensor, out, rows, output }, { ...tilings[0]!, splits: 2 }))
      const expected = product(x.values, weight.values, rows, width, inner).map((v, i) => v + residual.values[i]!)
      expectClose(bench.read(residual.tensor), expected, 1e-5)
      bench.expectUntouched(out, 0)
    })

    it.each([
      ['silu', 1],
      ['gelu-tanh', 2],
    ] as const)('gates by %s in %i slices', (activation, splits) => {
      const [rows, half, inner] = [11, 37, 1024]
      const weight = bench.weight(2 * half, inner, 'fp8')
      const x = bench.activations(rows, inner, 'bf16')
      for (const tiling of tilings) {
        const out = bench.poisoned(rows, half, 'f32')
        const output = { kind: 'gated', activation } as const
        bench.run(skinnyLinear(bench.tools, { ...weight, x: x.tensor, out, rows, output }, { ...tiling, splits }))
        expectClose(
          bench.read(out),
          gated(product(x.values, weight.values, rows, 2 * half, inner), rows, activation),
          1e-5,
        )
        bench.expectUntouched(out, rows)
      }
    })

    it('gives a row the same bits, however many there are', () => {
      const [rows, width, inner] = [70, 32, 1024]
      const weight = bench.weight(width, inner, 'bf16')
      const x = bench.activations(rows, inner, 'bf16')
      const results = [1, 8, 16, 32, 70].map(count => {
        const out = bench.poisoned(count, width, 'f32')
        const request = { ...weight, x: x.tensor, out, rows: count }
        bench.run(skinnyLinear({ ...bench.tools, batchInvariant: true }, request))
        return bench.read(out)
      })
      for (const found of results) expect(results.at(-1)!.slice(0, found.length)).toEqual(found)
    })
  })

  describe('linearAny', () => {
    it.each([
      [1, 7, 3],
      [2, 5, 17],
      [17, 70, 100],
      [66, 65, 33],
    ])('multiplies %i rows by [%i, %i] of any storage', (rows, width, inner) => {
      for (const storage of STORAGES) {
        for (const type of ['f32', 'f16'] as const) {
          const weight = bench.weight(width, inner, storage)
          const [x, bias] = [bench.activations(rows, inner, type), bench.floats(width)]
          const out = bench.poisoned(rows, width, 'f32')
          bench.run([linearAny(bench.tools, { ...weight, x: x.tensor, out, rows, bias: bias.tensor })])
          expectClose(bench.read(out), product(x.values, weight.values, rows, width, inner, bias.values), 1e-5)
          bench.expectUntouched(out, rows)
        }
      }
    })
  })

  describe('linear', () => {
    it.each([
      ['bf16', 1, false, 'gemv'],
      ['bf16', 4, false, 'gemv'],
      ['bf16', 5, false, 'skinnyLinear'],
      ['int8', 64, false, 'skinnyLinear'],
      ['bf16', 65, false, 'matmul'],
      ['fp8', 300, false, 'dequantise'],
      ['bf16', 1, true, 'skinnyLinear'],
      ['bf16', 300, true, 'skinnyLinear'],
      ['f32', 5, false, 'linearAny'],
    ] as const)('multiplies %s by %i rows, invariant %s, with %s', (storage, rows, batchInvariant, name) => {
      const [width, inner] = [24, 64]
      const weight = bench.weight(width, inner, storage)
      const tools = { ...bench.tools, batchInvariant }
      const [x, bias] = [bench.activations(rows, inner, 'bf16'), bench.floats(width)]
      const out = bench.poisoned(rows, width, 'bf16')
      const operations = linear(tools, { ...weight, x: x.tensor, out, rows, bias: bias.tensor })
      expect(operations[0]!.name).toBe(name)
      bench.run(operations)
      const expected = product(x.values, weight.values, rows, width, inner, bias.values)
      expectClose(bench.read(out), expected, 2 ** -6)
      bench.expectUntouched(out, rows)
    })
  })
})

/** This machine's GPU, else the emulated one, which needs g++. */
function findCard(): boolean {
  try {
    if (openCuda().devices.length > 0) return true
  } catch (error) {
    if (!(error instanceof CudaUnavailableError)) throw error
  }
  return useEmulator()
}

const STORAGES = ['f32', 'bf16', 'f16', 'int8', 'fp8'] as const
const TOLERANCE = { f32: 1e-5, bf16: 2 ** -7, fp8: 2 ** -3 } as const

interface Filled {
  readonly tensor: CudaTensor
  readonly values: Float32Array
}

/** A card with what operations need, and memory of which every piece ends where nothing may be read or written. */
class Bench implements Disposable {
  readonly #context: CudaContext
  readonly #stream: Stream
  readonly #matmul: MatmulLibrary
  readonly #rooms = new Map<string, { pointer: number; bytes: number }>()
  readonly tools: Tools
  #state = 1

  constructor() {
    this.#context = openCuda().devices[0]!.open()
    this.#stream = this.#context.createStream()
    this.#matmul = new MatmulLibrary(this.#context, 2 ** 20)
    const [positions, slots] = [this.#allocate(16), this.#allocate(16)]
    const nowhere = { tokens: 0, sequences: 0, blockTables: 0, maxBlocks: 0, logitRows: 0, singles: 0 }
    this.tools = {
      library: new KernelLibrary(this.#context, new KernelCache(undefined)),
      matmul: this.#matmul,
      activationType: 'bf16',
      batchInvariant: false,
      step: { ...nowhere, positions, slots, everyToken: 0, tiles: 0, drawn: 0 },
      techniques: new Set(['skinny', 'overlap']),
      multiprocessors: 4,
      workspace: (name, bytes) => this.#workspace(name, bytes),
    }
  }

  [Symbol.dispose](): void {
    this.#matmul[Symbol.dispose]()
    this.#context[Symbol.dispose]()
  }

  run(operations: readonly DeviceOperation[]): void {
    for (const operation of operations) operation.enqueue(this.#stream)
    this.#stream.synchronize()
  }

  /** Where the step's one token is. */
  place(positions: readonly number[], slots: readonly number[]): void {
    this.#stream.copyToDevice(this.tools.step.positions, Int32Array.from(positions))
    this.#stream.copyToDevice(this.tools.step.slots, Int32Array.from(slots))
    this.#stream.synchronize()
  }

  weight(width: number, inner: number, storage: WeightStorage): { weight: CudaWeight; values: Float32Array } {
    const { bits, values } = this.#random(width * inner, storage)
    const pointer = this.#allocate(bits.byteLength)
    this.#stream.copyToDevice(pointer, bits)
    let scales = 0
    if (storage === 'int8' || storage === 'fp8') {
      const each = Float32Array.from({ length: width }, () => 0.5 + this.#uniform())
      for (let i = 0; i < values.length; i++) values[i]! *= each[Math.floor(i / inner)]!
      scales = this.#allocate(width * 4)
      this.#stream.copyToDevice(scales, each)
    }
    this.#stream.synchronize()
    return { weight: new CudaWeight(this, [width, inner], storage, pointer, scales), values }
  }

  activations(rows: number, inner: number, type: ActivationType): Filled {
    const { bits, values } = this.#random(rows * inner, type)
    const pointer = this.#allocate(bits.byteLength)
    this.#stream.copyToDevice(pointer, bits)
    this.#stream.synchronize()
    return { tensor: new CudaTensor(this, [rows, inner], type, 'activations', pointer), values }
  }

  floats(count: number): Filled {
    return this.activations(1, count, 'f32')
  }

  write(to: CudaTensor, values: Float32Array): void {
    this.#stream.copyToDevice(to.pointer, values)
    this.#stream.synchronize()
  }

  /** NaN, with one row more than may be written. */
  poisoned(rows: number, width: number, type: ElementType): CudaTensor {
    const bytes = (rows + 1) * width * ELEMENT_BYTES[type]
    const pointer = this.#allocate(bytes)
    this.#stream.fill(pointer, 0xff, bytes)
    this.#stream.synchronize()
    return new CudaTensor(this, [rows, width], type, 'activations', pointer)
  }

  expectUntouched(tensor: CudaTensor, rows: number): void {
    const width = tensor.shape[1]!
    const from = tensor.pointer + rows * width * ELEMENT_BYTES[tensor.type]
    const bytes = new Uint8Array(width * ELEMENT_BYTES[tensor.type])
    this.#stream.copyToHost(bytes, from)
    this.#stream.synchronize()
    expect(bytes.every(byte => byte === 0xff)).toBe(true)
  }

  read(tensor: CudaTensor): Float32Array {
    const bytes = new Uint8Array(tensor.bytes)
    this.#stream.copyToHost(bytes, tensor.pointer)
    this.#stream.synchronize()
    if (tensor.type === 'f32') return new Float32Array(bytes.buffer)
    if (tensor.type === 'fp8') return Float32Array.from(bytes, fp8Value)
    return Float32Array.from(new Uint16Array(bytes.buffer), tensor.type === 'bf16' ? bf16Value : f16Value)
  }

  #allocate(bytes: number): number {
    return this.#context.allocate(bytes).pointer
  }

  #workspace(name: string, bytes: number): number {
    const room = this.#rooms.get(name)
    if (room !== undefined && room.bytes >= bytes) return room.pointer
    const pointer = this.#allocate(bytes)
    this.#stream.fill(pointer, 0, bytes)
    this.#rooms.set(name, { pointer, bytes })
    return pointer
  }

  #uniform(): number {
    this.#state = Math.imul(this.#state, 1664525) + 1013904223
    return (this.#state >>> 8) / 2 ** 24
  }

  /** Values about 1 and less, all of which the type has. */
  #random(count: number, type: WeightStorage): { bits: ArrayBufferView; values: Float32Array } {
    const below = (bound: number) => Math.floor(this.#uniform() * bound)
    switch (type) {
      case 'f32': {
        const values = Float32Array.from({ length: count }, () => 2 * this.#uniform() - 1)
        return { bits: values, values: values.slice() }
      }
      case 'bf16': {
        const bits = Uint16Array.from({ length: count }, () => (below(2) << 15) | ((120 + below(8)) << 7) | below(128))
        return { bits, values: Float32Array.from(bits, bf16Value) }
      }
      case 'f16': {
        const bits = Uint16Array.from({ length: count }, () => (below(2) << 15) | ((8 + below(8)) << 10) | below(1024))
        return { bits, values: Float32Array.from(bits, f16Value) }
      }
      case 'int8': {
        const bits = Int8Array.from({ length: count }, () => below(255) - 127)
        return { bits, values: Float32Array.from(bits) }
      }
      case 'fp8': {
        const bits = Uint8Array.from({ length: count }, () => (below(2) << 7) | below(0x50))
        return { bits, values: Float32Array.from(bits, fp8Value) }
      }
    }
  }
}

function bf16Value(bits: number): number {
  return new Float32Array(Uint32Array.of(bits << 16).buffer)[0]!
}

function f16Value(bits: number): number {
  return minifloat(bits, 5, 10)
}

/** E4M3: as other floats, but for its one NaN. */
function fp8Value(bits: number): number {
  return (bits & 0x7f) === 0x7f ? Number.NaN : minifloat(bits, 4, 3)
}

function minifloat(bits: number, exponentBits: number, mantissaBits: number): number {
  const sign = bits >> (exponentBits + mantissaBits) === 0 ? 1 : -1
  const exponent = (bits >> mantissaBits) & (2 ** exponentBits - 1)
  const mantissa = (bits & (2 ** mantissaBits - 1)) / 2 ** mantissaBits
  const bias = 2 ** (exponentBits - 1) - 1
  return sign * (exponent === 0 ? mantissa * 2 ** (1 - bias) : (1 + mantissa) * 2 ** (exponent - bias))
}

function product(
  x: Float32Array,
  weight: Float32Array,
  rows: number,
  width: number,
  inner: number,
  bias?: Float32Array,
): Float64Array {
  const out = new Float64Array(rows * width)
  for (let r = 0; r < rows; r++) {
    for (let n = 0; n < width; n++) {
      let sum = bias?.[n] ?? 0
      for (let k = 0; k < inner; k++) sum += x[r * inner + k]! * weight[n * inner + k]!
      out[r * width + n] = sum
    }
  }
  return out
}

function gated(gateUp: Float64Array, rows: number, activation: 'silu' | 'gelu-tanh'): Float64Array {
  const half = gateUp.length / rows / 2
  const f = activation === 'silu' ? silu : geluTanh
  return Float64Array.from({ length: rows * half }, (_, i) => {
    const row = Math.floor(i / half) * 2 * half
    return f(gateUp[row + (i % half)]!) * gateUp[row + half + (i % half)]!
  })
}

/** Errors are relative to a value or to the root mean square of all, whichever is larger; NaN where it is expected. */
function expectClose(found: Float32Array, expected: ArrayLike<number>, tolerance: number): void {
  expect(found.length).toBe(expected.length)
  const finite = Array.from(expected).filter(v => !Number.isNaN(v))
  const rms = Math.sqrt(finite.reduce((sum, v) => sum + v * v, 0) / finite.length)
  let worst = 0
  for (let i = 0; i < found.length; i++) {
    if (Number.isNaN(expected[i]!) && Number.isNaN(found[i]!)) continue
    const error = Math.abs(found[i]! - expected[i]!) / Math.max(rms, Math.abs(expected[i]!))
    worst = Math.max(worst, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error)
  }
  expect(worst).toBeLessThanOrEqual(tolerance)
}
