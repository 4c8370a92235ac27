import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { useEmulator } from '../../test/emulator/emulator.ts'
import {
  CompileError,
  type CudaContext,
  type CudaDevice,
  CudaError,
  compile,
  KernelCache,
  kernel,
  MatmulLibrary,
  type MatmulOperand,
  type MatmulShape,
  type MatmulType,
  MemoryPool,
  openCuda,
  openNvml,
  rangePop,
  rangePush,
  type Stream,
  StreamPool,
} from './index.ts'

/*
 * The whole way from TypeScript to a running kernel, on a CUDA driver that computes on the processor; without g++ there
 * is none.
 */

const SOURCE = `
#include "lib/ptx.cuh"
#include "scale.cuh"
extern "C" __global__ void saxpy(float *out, const float *x, float a, unsigned n) {
  gridDependencyWait();
  unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i < n) out[i] += SCALE * a * x[i];
}
extern "C" __global__ void reverse(float *x) {
  extern __shared__ unsigned char shared[];
  float *copy = (float *)shared;
  copy[threadIdx.x] = x[threadIdx.x];
  __syncthreads();
  x[threadIdx.x] = copy[blockDim.x - 1 - threadIdx.x];
}
extern "C" __global__ void kinds(double *out, int i, unsigned u, float f, unsigned long long l, double d) {
  out[0] = i; out[1] = u; out[2] = f; out[3] = l; out[4] = d;
}
extern "C" __global__ void astray(float *out) { out[64] = 1; }
`
const REQUEST = {
  source: SOURCE,
  name: 'test.cu',
  architecture: 'sm_90a',
  headers: {
    'scale.cuh': '#define SCALE FACTOR\n',
    'lib/ptx.cuh': readFileSync(new URL('../../kernels/lib/ptx.cuh', import.meta.url), 'utf8'),
  },
  defines: { FACTOR: 2 },
}
const SAXPY = kernel('saxpy', { out: 'pointer', x: 'pointer', a: 'f32', n: 'u32' })
const REVERSE = kernel('reverse', { x: 'pointer' })

describe.skipIf(!useEmulator())('on an emulated GPU', () => {
  let device: CudaDevice
  let context: CudaContext
  let stream: Stream
  let image: Uint8Array
  let folder: string

  beforeAll(() => {
    process.env.WARPLINE_EMULATOR_QUIET = '1'
    device = openCuda().devices[0]!
    context = device.open()
    stream = context.createStream()
    image = compile(REQUEST).image
    folder = mkdtempSync(join(tmpdir(), 'warpline-cuda-'))
  })

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** Values on the card. */
  function onCard(values: Float32Array | Uint16Array): number {
    const { pointer } = context.allocate(values.byteLength)
    stream.copyToDevice(pointer, values)
    return pointer
  }

  function fromCard(pointer: number, count: number): number[] {
    const values = new Float32Array(count)
    stream.copyToHost(values, pointer)
    stream.synchronize()
    return [...values]
  }

  function code(action: () => unknown): string {
    try {
      action()
    } catch (error) {
      return error instanceof CudaError ? `${error.call} ${error.errorName} ${error.fatal}` : String(error)
    }
    return 'no error'
  }

  it('tells what the card is', () => {
    expect(openCuda()).toBe(openCuda())
    expect(device).toMatchObject({
      index: 0,
      name: 'Emulated GPU',
      architecture: 'sm_90a',
      capability: { major: 9, minor: 0 },
      sharedBytesPerBlock: 227 * 1024,
    })
    expect(device.uuid).toMatch(/^GPU-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  })

  it('launches a kernel with typed arguments', () => {
    const saxpy = context.load(image).kernel(SAXPY)
    const x = onCard(Float32Array.from({ length: 1000 }, (_, i) => i))
    const out = onCard(new Float32Array(1000).fill(1))
    stream.launch(saxpy, { grid: 4, block: [256], overlap: false }, { out, x, a: 1.5, n: 999 })
    expect(fromCard(out, 1000)).toEqual(Array.from({ length: 1000 }, (_, i) => (i < 999 ? 3 * i + 1 : 1)))
    expect(saxpy.attributes.maxThreads).toBeGreaterThanOrEqual(256)
    expect(saxpy.blocksPerMultiprocessor(256)).toBeGreaterThan(0)
  })

  it('passes every kind of argument', () => {
    const kinds = context
      .load(image)
      .kernel(kernel('kinds', { out: 'pointer', i: 'i32', u: 'u32', f: 'f32', l: 'u64', d: 'f64' }))
    using out = context.allocate(40)
    stream.launch(kinds, { grid: 1, block: 1 }, { out, i: -7, u: 2 ** 32 - 1, f: 0.5, l: 2n ** 52n, d: Math.PI })
    const values = new Float64Array(5)
    stream.copyToHost(values, out.pointer)
    stream.synchronize()
    expect([...values]).toEqual([-7, 2 ** 32 - 1, 0.5, 2 ** 52, Math.PI])
  })

  it('a launch is packed once and enqueued often, on any stream', () => {
    const saxpy = context.load(image).kernel(SAXPY)
    const x = onCard(new Float32Array(8).fill(1))
    const out = onCard(new Float32Array(8))
    const launch = saxpy.prepare({ grid: 1, block: 8 }, { out, x, a: 1, n: 8 })
    using other = context.createStream()
    using event = context.createEvent()
    stream.enqueue(launch)
    stream.enqueue(launch)
    stream.record(event)
    other.wait(event)
    other.enqueue(launch)
    other.synchronize()
    expect(event.done).toBe(true)
    expect(other.done).toBe(true)
    expect(fromCard(out, 8)).toEqual(new Array(8).fill(6))
  })

  it('asks for more than 48 KiB of shared memory by itself, and says when there is not as much', () => {
    const reverse = context.load(image).kernel(REVERSE)
    const x = onCard(Float32Array.from({ length: 32 }, (_, i) => i))
    stream.launch(reverse, { grid: 1, block: 32, sharedBytes: 100 * 1024 }, { x })
    expect(fromCard(x, 32)).toEqual(Array.from({ length: 32 }, (_, i) => 31 - i))
    expect(code(() => reverse.prepare({ grid: 1, block: 32, sharedBytes: 2 ** 20 }, { x }))).toBe(
      'cuFuncSetAttribute(reverse, 1048576 bytes of shared memory) CUDA_ERROR_INVALID_VALUE false',
    )
  })

  it('records a graph, replays it, and gives it other arguments', () => {
    const saxpy = context.load(image).kernel(SAXPY)
    const x = onCard(new Float32Array(8).fill(1))
    const out = onCard(new Float32Array(8))
    const shape = { grid: 1, block: 8, overlap: true }
    const record = (a: number, times: number) =>
      stream.capture(() => {
        for (let i = 0; i < times; i++) stream.launch(saxpy, shape, { out, x, a, n: 8 })
      })
    using graph = record(1, 3)
    expect(graph.nodes).toBe(3)
    using ready = graph.instantiate()
    expect(fromCard(out, 1)).toEqual([0])
    ready.launch(stream)
    ready.launch(stream)
    expect(fromCard(out, 1)).toEqual([12])
    using changed = record(10, 3)
    using longer = record(1, 4)
    expect([ready.update(changed), ready.update(longer)]).toEqual([true, false])
    ready.launch(stream)
    expect(fromCard(out, 1)).toEqual([72])
  })

  it('a recording that fails leaves the stream as it was', () => {
    const bug = new Error('a bug')
    expect(() =>
      stream.capture(() => {
        throw bug
      }),
    ).toThrow(bug)
    expect(() => stream.capture(() => stream.copyToDevice(onCard(new Float32Array(1)), new Float32Array(1)))).toThrow(
      'a graph copies from and to pinned memory only: other memory may move',
    )
    expect(fromCard(onCard(new Float32Array([5])), 1)).toEqual([5])
  })

  it('copies between host and card, in part, on the card, and fills', () => {
    using pinned = context.allocatePinned(16)
    using memory = context.allocate(16)
    using copy = context.allocate(16)
    new Uint8Array(pinned.buffer).set(Array.from({ length: 16 }, (_, i) => i))
    stream.fill(memory.pointer, 0xff, 16)
    stream.copyToDevice(memory.pointer + 4, pinned, 4, 8)
    stream.copy(copy.pointer, memory.pointer, 16)
    stream.copyToHost(pinned, copy.pointer, 8, 8)
    stream.synchronize()
    expect([...new Uint8Array(pinned.buffer)]).toEqual([
      ...[0, 1, 2, 3, 4, 5, 6, 7],
      ...[255, 255, 255, 255, 8, 9, 10, 11],
    ])
    expect(() => stream.copyToDevice(memory.pointer, pinned, 17)).toThrow(
      new RangeError("17 bytes at 0 are not within the host's 16 bytes"),
    )
    expect(() => stream.copyToHost(new Uint8Array(4), memory.pointer, 4, 1)).toThrow(RangeError)
  })

  it('counts the card’s memory, and gives it back once', () => {
    const before = context.memory()
    const memory = context.allocate(2 ** 20)
    expect(memory.pointer % 256).toBe(0)
    expect(before.free - context.memory().free).toBeGreaterThanOrEqual(2 ** 20)
    memory[Symbol.dispose]()
    memory[Symbol.dispose]()
    expect(context.memory()).toEqual(before)
  })

  it('tells what went wrong by name', () => {
    expect(code(() => context.allocate(2 ** 45))).toBe('cuMemAlloc_v2 CUDA_ERROR_OUT_OF_MEMORY false')
    expect(code(() => context.load(new Uint8Array(64)))).toMatch(/^cuModuleLoadData CUDA_ERROR_INVALID_IMAGE false$/)
    expect(code(() => context.load(image).kernel(kernel('nobody', {})))).toBe(
      'cuModuleGetFunction(nobody) CUDA_ERROR_NOT_FOUND false',
    )
    const saxpy = context.load(image).kernel(SAXPY)
    const tooWide = () => stream.launch(saxpy, { grid: 1, block: 4096 }, { out: 0, x: 0, a: 1, n: 0 })
    expect(code(tooWide)).toBe('cuLaunchKernelEx(saxpy) CUDA_ERROR_INVALID_VALUE false')
    try {
      compile({ source: 'int main() { return oops; }', name: 'bad.cu', architecture: 'sm_90a' })
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(CompileError)
      expect((error as CompileError).message).toMatch(/^bad\.cu does not compile: .*oops/)
      expect((error as CompileError).log).toContain('oops')
    }
  })

  it('measures the time between two marks', () => {
    using first = context.createEvent()
    using last = context.createEvent({ sleep: true })
    stream.record(first)
    stream.fill(onCard(new Float32Array(1024)), 0, 4096)
    stream.record(last)
    last.synchronize()
    expect(last.elapsedMs(first)).toBeGreaterThanOrEqual(0)
    using untimed = context.createEvent({ timing: false })
    stream.record(untimed)
    stream.synchronize()
    expect(() => untimed.elapsedMs(first)).toThrow('an event made without timing has no time')
    expect(() => first.elapsedMs(untimed)).toThrow(TypeError)
  })

  describe('matrix products', () => {
    const [m, n, k] = [3, 5, 7]
    const at = (seed: number) => (row: number, column: number) => ((row * 3 + column * 5 + seed) % 7) - 3

    /** A matrix as an operand and in memory. */
    function operand(
      [rows, columns]: readonly [number, number],
      value: (row: number, column: number) => number,
      type: MatmulType,
      { transposed = false, padding = 0 } = {},
    ): { operand: MatmulOperand; pointer: number } {
      const [r, c] = transposed ? [columns, rows] : [rows, columns]
      const stride = c + padding
      const values = new Float32Array(r * stride).fill(99)
      for (let i = 0; i < r; i++)
        for (let j = 0; j < c; j++) values[i * stride + j] = transposed ? value(j, i) : value(i, j)
      const pointer = onCard(type === 'bf16' ? toBf16(values) : values)
      return { operand: { type, rows: r, columns: c, transposed, stride }, pointer }
    }

    /** Exact for small integers. */
    function toBf16(values: Float32Array): Uint16Array {
      return Uint16Array.from(new Uint32Array(values.buffer, 0, values.length), bits => bits >>> 16)
    }

    const wanted = (extra: (row: number, column: number) => number) =>
      Array.from({ length: m }, (_, i) =>
        Array.from({ length: n }, (_, j) => {
          let sum = extra(i, j)
          for (let l = 0; l < k; l++) sum += at(1)(i, l) * at(2)(l, j)
          return sum
        }),
      ).flat()

    it.each<[string, MatmulType, boolean, boolean, number]>([
      ['plain', 'f32', false, false, 0],
      ['a transposed', 'f32', true, false, 0],
      ['b transposed', 'f32', false, true, 0],
      ['both transposed, with strides', 'f32', true, true, 3],
      ['b transposed, in bf16', 'bf16', false, true, 1],
    ])('%s', (_, type, ta, tb, padding) => {
      using library = new MatmulLibrary(context, 2 ** 20)
      const a = operand([m, k], at(1), type, { transposed: ta, padding })
      const b = operand([k, n], at(2), type, { transposed: tb, padding })
      const d = operand([m, n], () => 0, 'f32')
      const shape: MatmulShape = { m, n, k, a: a.operand, b: b.operand, d: d.operand }
      const plan = library.plan(shape)
      expect(library.plan({ ...shape })).toBe(plan)
      expect(plan.workspaceBytes).toBeLessThanOrEqual(2 ** 20)
      for (const each of plan.candidates(4)) {
        stream.fill(d.pointer, 0xff, m * n * 4)
        each.enqueue(stream, { a: a.pointer, b: b.pointer, d: d.pointer })
        expect(fromCard(d.pointer, m * n)).toEqual(wanted(() => 0))
      }
    })

    it('with a bias of each column, onto what is there', () => {
      using library = new MatmulLibrary(context, 0)
      const a = operand([m, k], at(1), 'f32')
      const b = operand([k, n], at(2), 'f32')
      const d = operand([m, n], (row, column) => 100 * row + column, 'f32')
      const shape = { m, n, k, a: a.operand, b: b.operand, d: d.operand, accumulate: true }
      const plan = library.plan({ ...shape, bias: { type: 'f32' } })
      const bias = onCard(Float32Array.from({ length: n }, (_, j) => 1000 * j))
      const pointers = { a: a.pointer, b: b.pointer, d: d.pointer }
      plan.enqueue(stream, { ...pointers, bias })
      expect(fromCard(d.pointer, m * n)).toEqual(wanted((i, j) => 100 * i + j + 1000 * j))
      expect(() => plan.enqueue(stream, pointers)).toThrow('matmul: the plan has a bias, and none is given')
    })
  })

  it('keeps what it compiled, and makes anew what is damaged', () => {
    const cache = new KernelCache(join(folder, 'kernels'))
    expect(Buffer.from(cache.compile(REQUEST).image).equals(image)).toBe(true)
    const [name] = readdirSync(cache.directory)
    const file = join(cache.directory, name!)
    const kept = readFileSync(file)
    expect(kept.length).toBe(32 + image.length)
    expect(Buffer.from(cache.compile(REQUEST).image).equals(image)).toBe(true)
    for (const damaged of [kept.subarray(0, 100), Buffer.alloc(0), Buffer.concat([kept, kept])]) {
      writeFileSync(file, damaged)
      context.load(cache.compile(REQUEST).image)[Symbol.dispose]()
      expect(readFileSync(file).length).toBe(kept.length)
    }
    expect(readdirSync(cache.directory)).toEqual([name])
  })

  it('a folder that cannot be written is no error', () => {
    const file = join(folder, 'file')
    writeFileSync(file, '')
    expect(new KernelCache(join(file, 'kernels')).compile(REQUEST).image.length).toBe(image.length)
  })

  it('hands memory out of slabs', () => {
    using pool = new MemoryPool(context, { slabBytes: 2 ** 16 })
    using other = new MemoryPool(context, { shared: pool.shared })
    const pieces = [pool.allocate(1000), pool.allocate(1), pool.allocate(2 ** 20)]
    expect(pieces.map(({ bytes }) => bytes)).toEqual([1024, 256, 2 ** 20])
    expect(pool.statistics).toMatchObject({ reserved: 2 ** 16 + 2 ** 20, used: 1280 + 2 ** 20, allocations: 3 })
    stream.fill(pieces[2]!.pointer, 1, 2 ** 20)
    stream.synchronize()
    other.adopt(pieces[0]!.piece)[Symbol.dispose]()
    for (const piece of pieces.slice(1)) piece[Symbol.dispose]()
    expect(other.statistics).toMatchObject({ used: 0, peak: 1280 + 2 ** 20, allocations: 0 })
  })

  it('takes streams in turn, and hands work over', () => {
    using pool = new StreamPool(context, 3)
    expect(new Set([pool.take(), pool.take(), pool.take()]).size).toBe(3)
    const [first, second] = [pool.take(), pool.take()]
    const out = onCard(new Float32Array(1))
    stream.synchronize()
    const saxpy = context.load(image).kernel(SAXPY)
    const launch = saxpy.prepare({ grid: 1, block: 1 }, { out, x: onCard(new Float32Array([1])), a: 1, n: 1 })
    stream.synchronize()
    first.enqueue(launch)
    pool.handOver(first, second)
    second.enqueue(launch)
    pool.synchronize()
    expect(fromCard(out, 1)).toEqual([4])
  })

  it('tells how the card is doing, as far as the card tells', () => {
    const [card] = openNvml().devices
    expect(card!.name).toBe('Emulated GPU')
    expect(card!.memory.total).toBe(device.memoryBytes)
    expect(card!.nvlinks).toBe(0)
    for (const value of [card!.powerWatts, card!.utilisation?.kernels, card!.temperatureCelsius])
      expect(value ?? 0).toBeGreaterThanOrEqual(0)
  })

  it('names ranges, or does not', () => {
    rangePush('step')
    rangePop()
  })

  it('a kernel that goes astray loses the context; unlike a real card, the emulated one can be reset', () => {
    const lost = device.open()
    const memory = lost.allocate(256)
    const own = lost.createStream()
    own.launch(lost.load(image).kernel(kernel('astray', { out: 'pointer' })), { grid: 1, block: 1 }, { out: memory })
    expect(code(() => own.synchronize())).toBe('cuStreamSynchronize CUDA_ERROR_ILLEGAL_ADDRESS true')
    expect(code(() => lost.allocate(256))).toMatch(/CUDA_ERROR_ILLEGAL_ADDRESS true$/)
    lost.reset()
    memory[Symbol.dispose]()
    own[Symbol.dispose]()
    const after = lost.createStream()
    const saxpy = lost.load(image).kernel(SAXPY)
    using values = lost.allocate(4)
    after.copyToDevice(values.pointer, new Float32Array([1]))
    after.launch(saxpy, { grid: 1, block: 1 }, { out: values, x: values, a: 1, n: 1 })
    const result = new Float32Array(1)
    after.copyToHost(result, values.pointer)
    after.synchronize()
    expect(result[0]).toBe(3)
  })
})
