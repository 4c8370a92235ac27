import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  CompileError,
  type CudaContext,
  type CudaError,
  compile,
  type KernelArguments,
  kernel,
  type LaunchShape,
  MatmulLibrary,
  openCuda,
  type Parameters,
  type Stream,
} from '../../src/cuda/index.ts'
import { useEmulator } from './emulator.ts'

const KERNELS = join(import.meta.dirname, '../../kernels')
const LIBRARY = readdirSync(join(KERNELS, 'lib')).map(name => `lib/${name}`)
const headers = Object.fromEntries(LIBRARY.map(name => [name, readFileSync(join(KERNELS, name), 'utf8')]))
const PRELUDE = '#include "lib/types.cuh"\n#include "lib/reduce.cuh"\n'
const ORDERS = ['forward', 'reverse', 'shuffle:1', 'shuffle:2']

const present = useEmulator()
if (!present) console.log('not run: the emulated GPU needs g++')

describe.skipIf(!present)('the emulated GPU', () => {
  let context: CudaContext
  let stream: Stream

  beforeEach(() => {
    process.env.WARPLINE_EMULATOR_QUIET = '1'
    delete process.env.WARPLINE_EMULATOR_ORDER
    delete process.env.WARPLINE_EMULATOR_STREAMS
    context = openCuda().devices[0]!.open()
    stream = context.createStream()
  })
  afterEach(() => context.reset())
  afterAll(() => delete process.env.WARPLINE_EMULATOR_QUIET)

  const load = <P extends Parameters>(source: string, name: string, parameters: P) => {
    const { image } = compile({ source: PRELUDE + source, name: 'test.cu', architecture: 'sm_90a', headers })
    return context.load(image).kernel(kernel(name, parameters))
  }
  const upload = (values: ArrayBufferView): number => {
    const { pointer } = context.allocate(values.byteLength)
    stream.copyToDevice(pointer, values)
    return pointer
  }
  const download = <T extends ArrayBufferView>(pointer: number, into: T): T => {
    stream.copyToHost(into, pointer)
    stream.synchronize()
    return into
  }
  const run = <P extends Parameters>(
    source: string,
    name: string,
    parameters: P,
    shape: LaunchShape,
    args: KernelArguments<P>,
  ) => {
    stream.launch(load(source, name, parameters), shape, args)
    stream.synchronize()
  }
  /** What the card says of a kernel that breaks a rule. */
  const fault = (source: string, shape: LaunchShape = { grid: 1, block: 32 }, bytes = 4096): CudaError => {
    const out = context.allocate(bytes)
    try {
      run(source, 'broken', { out: 'pointer' }, shape, { out })
    } catch (error) {
      return error as CudaError
    }
    throw new Error('the card has nothing to say')
  }

  describe('runs', () => {
    test('a sum of vectors whose last block is not full', () => {
      const n = 1000
      const a = Float32Array.from({ length: n }, (_, i) => i)
      const b = Float32Array.from({ length: n }, (_, i) => i / 3)
      const out = context.allocate(n * 4)
      const source = `extern "C" __global__ void __launch_bounds__(256) add(const float *a, const float *b, float *out, int n) {
        int i = blockIdx.x * blockDim.x + threadIdx.x;
        if (i < n) out[i] = a[i] + b[i];
      }`
      const parameters = { a: 'pointer', b: 'pointer', out: 'pointer', n: 'i32' } as const
      run(source, 'add', parameters, { grid: 4, block: 256 }, { a: upload(a), b: upload(b), out, n })
      expect(download(out.pointer, new Float32Array(n))).toEqual(a.map((x, i) => x + b[i]!))
    })

    test.each(ORDERS)('a reduction over a block, threads in the order %s', order => {
      process.env.WARPLINE_EMULATOR_ORDER = order
      const x = Float32Array.from({ length: 256 }, (_, i) => i * i)
      const out = context.allocate(12)
      const source = `extern "C" __global__ void __launch_bounds__(256) reduce(const float *x, float *out) {
        __shared__ float room[8];
        extern __shared__ __align__(16) unsigned char shared[];
        float *copy = (float *)shared;
        copy[threadIdx.x] = x[threadIdx.x];
        __syncthreads();
        float sum = blockSum<256>(copy[255 - threadIdx.x], room);
        __syncthreads();
        float most = blockMax<256>(x[threadIdx.x], room);
        if (threadIdx.x == 17) { out[0] = sum; out[1] = most; out[2] = gridDim.x; }
      }`
      const shape = { grid: 1, block: 256, sharedBytes: 1024 }
      run(source, 'reduce', { x: 'pointer', out: 'pointer' }, shape, { x: upload(x), out })
      const sum = (255 * 256 * 511) / 6
      expect([...download(out.pointer, new Float32Array(3))]).toEqual([sum, 255 * 255, 1])
    })

    test('shuffles and votes', () => {
      const out = context.allocate(8 * 32 * 4)
      const source = `extern "C" __global__ void warp(int *out) {
        int lane = threadIdx.x;
        unsigned int all = 0xffffffffu;
        out[lane] = __shfl_sync(all, 100 + lane, 5);
        out[32 + lane] = __shfl_xor_sync(all, lane, 3);
        out[64 + lane] = __shfl_up_sync(all, lane, 2);
        out[96 + lane] = __shfl_down_sync(all, lane, 2, 8);
        out[128 + lane] = (int)__ballot_sync(all, lane % 3 == 0);
        out[160 + lane] = __any_sync(all, lane == 31) + 2 * __all_sync(all, lane < 31);
        // Half a warp alone, then an exit of the other half.
        out[192 + lane] = lane < 16 ? __shfl_sync(0xffffu, lane, 15 - lane) : -1;
        if (lane >= 16) { out[224 + lane] = -1; return; }
        out[224 + lane] = (int)(__shfl_xor_sync(all, 1000000000000ull * lane, 1) / 1000000000000ull);
      }`
      run(source, 'warp', { out: 'pointer' }, { grid: 1, block: 32 }, { out })
      const got = download(out.pointer, new Int32Array(8 * 32))
      const lanes = Array.from({ length: 32 }, (_, lane) => lane)
      expect([...got]).toEqual([
        ...lanes.map(() => 105),
        ...lanes.map(lane => lane ^ 3),
        ...lanes.map(lane => (lane < 2 ? lane : lane - 2)),
        ...lanes.map(lane => (lane % 8 < 6 ? lane + 2 : lane)),
        ...lanes.map(() => 0b01001001001001001001001001001001),
        ...lanes.map(() => 1),
        ...lanes.map(lane => (lane < 16 ? 15 - lane : -1)),
        ...lanes.map(lane => (lane < 16 ? lane ^ 1 : -1)),
      ])
    })

    test.each(['bf16', 'f16'] as const)('tensor cores: %s fragments by ldmatrix, plain and transposed', type => {
      const [m, n, k] = [16, 8, 16]
      const encode = type === 'bf16' ? toBf16 : toF16
      const decode = type === 'bf16' ? fromBf16 : fromF16
      const a = Uint16Array.from({ length: m * k }, (_, i) => encode(Math.sin(i)))
      // [k, n], row-major: what the transposing load is for.
      const b = Uint16Array.from({ length: k * n * 2 }, (_, i) => encode(Math.cos(3 * i)))
      const c = Float32Array.from({ length: m * n }, (_, i) => i)
      const d = upload(c)
      const source = `extern "C" __global__ void product(const uint4 *a, const uint4 *b, float *d) {
        __shared__ uint4 left[32], right[32];
        int lane = threadIdx.x, g = lane / 4, t = lane % 4;
        left[lane] = a[lane];
        right[lane] = b[lane];
        __syncwarp();
        unsigned int fa[4], fb[4];
        loadMatrix4(fa, (u16 *)left + (lane % 16) * 16 + lane / 16 * 8);
        loadMatrix4Transposed(fb, (u16 *)right + (lane % 16) * 16 + lane / 16 * 8);
        unsigned int first[2] = {fb[0], fb[1]};
        float sums[4];
        for (int i = 0; i < 4; i++) sums[i] = d[(g + i / 2 * 8) * 8 + 2 * t + i % 2];
        ${type === 'bf16' ? 'mmaBf16' : 'mmaF16'}(sums, fa, first);
        for (int i = 0; i < 4; i++) d[(g + i / 2 * 8) * 8 + 2 * t + i % 2] = sums[i];
      }`
      const parameters = { a: 'pointer', b: 'pointer', d: 'pointer' } as const
      run(source, 'product', parameters, { grid: 1, block: 32 }, { a: upload(a), b: upload(b), d })
      const got = download(d, new Float32Array(m * n))
      for (let row = 0; row < m; row++)
        for (let column = 0; column < n; column++) {
          let sum = c[row * n + column]!
          // b lies in rows of 16 columns, of which the product takes the first eight.
          for (let i = 0; i < k; i++) sum += decode(a[row * k + i]!) * decode(b[i * 16 + column]!)
          expect(got[row * n + column]).toBeCloseTo(sum, 4)
        }
    })

    test('asynchronous copies, which are there when they are waited for and not before', () => {
      const x = Float32Array.from({ length: 128 }, (_, i) => i + 1)
      const out = context.allocate(3 * 4)
      const source = `extern "C" __global__ void copy(const float *x, float *out) {
        __shared__ alignas(16) float room[96];
        if (threadIdx.x == 0) {
          copyAsync16(room, x);
          copyAsyncCommit();
          copyAsync16(room + 4, x + 4);
          copyAsync16(room + 8, x + 8, false);
          copyAsyncCommit();
          copyAsyncWait<1>();
          out[0] = room[3];
          out[1] = room[4];
          copyAsyncWait<0>();
          out[2] = room[4] + room[8];
        }
      }`
      run(source, 'copy', { x: 'pointer', out: 'pointer' }, { grid: 1, block: 32 }, { x: upload(x), out })
      expect([...download(out.pointer, new Float32Array(3))]).toEqual([4, Number.NaN, 5])
    })

    test('conversions of all 16- and 8-bit numbers, and of what lies between them', () => {
      const all = new Float32Array(65536)
      const out = context.allocate(all.byteLength)
      const source = `extern "C" __global__ void decode(float *out, int kind) {
        int i = blockIdx.x * 256 + threadIdx.x;
        out[i] = kind == 0 ? toFloat(f16{(u16)i}) : kind == 1 ? toFloat(bf16{(u16)i}) : toFloat(fp8{(u8)i});
      }
      extern "C" __global__ void encode(const float *x, u32 *out, int kind) {
        int i = blockIdx.x * 256 + threadIdx.x;
        out[i] = kind == 0 ? fromFloat<f16>(x[i]).bits : kind == 1 ? fromFloat<bf16>(x[i]).bits : fromFloat<fp8>(x[i]).bits;
      }`
      const decode = load(source, 'decode', { out: 'pointer', kind: 'i32' })
      const encode = load(source, 'encode', { x: 'pointer', out: 'pointer', kind: 'i32' })
      for (const [kind, from] of [fromF16, fromBf16, fromFp8].entries()) {
        stream.launch(decode, { grid: 256, block: 256 }, { out, kind })
        download(out.pointer, all)
        const count = kind === 2 ? 256 : 65536
        const expected = all.map((_, i) => from(i % count))
        expect(all).toEqual(expected)

        // Halfway between a number and the next, a little less, a little more: the even one, this one, the next.
        const finite = Array.from(expected.slice(0, count / 2 - 1)).filter(Number.isFinite)
        const middles = finite.slice(1).map((x, i) => (x + finite[i]!) / 2)
        const x = new Float32Array(65536)
        const bits = new Uint32Array(65536)
        const pointer = context.allocate(x.byteLength)
        for (const nudge of [0, -1, 1]) {
          for (const [i, middle] of middles.entries()) x[i] = -next(middle, nudge)
          stream.copyToDevice(pointer.pointer, x)
          stream.launch(encode, { grid: 256, block: 256 }, { x: pointer, out, kind })
          download(out.pointer, bits)
          const wrong = middles.findIndex((_, i) => {
            const chosen = nudge === 0 ? i + (i % 2) : nudge < 0 ? i : i + 1
            return bits[i] !== chosen + count / 2
          })
          expect(wrong, `kind ${kind}, nudge ${nudge}`).toBe(-1)
        }
      }
    })

    test('every function of kernels/lib/ptx.cuh', () => {
      const names = (text: string) => [...text.matchAll(/^[a-z].*?\b(\w+)\(/gm)].map(match => match[1]!)
      const own = names(
        readFileSync(join(import.meta.dirname, 'ptx.cuh'), 'utf8').replaceAll(/^inline |^template.*?> inline /gm, 'f '),
      )
      const real = [...headers['lib/ptx.cuh']!.matchAll(/__forceinline__ [\w ]+?(\w+)\(/g)].map(match => match[1]!)
      expect(real.length).toBeGreaterThan(15)
      expect(real.filter(name => !own.includes(name))).toEqual([])
    })
  })

  describe('refuses', () => {
    test('a write past the end of an allocation, and everything after it until a reset', () => {
      const source = `extern "C" __global__ void broken(float *out) {
        out[blockIdx.x * 32 + threadIdx.x] = 1.f;
      }`
      const error = fault(source, { grid: 33, block: 32 })
      expect(error.errorName).toBe('CUDA_ERROR_ILLEGAL_ADDRESS')
      expect(error.fatal).toBe(true)
      expect(error.message.replace(/0x\w+/, '0x…')).toMatchInlineSnapshot(
        `"cuStreamSynchronize failed: CUDA_ERROR_ILLEGAL_ADDRESS (kernel broken, block (32, 0, 0), thread (0, 0, 0): illegal access at 0x… (4096 bytes from the start of an allocation of 4096), at test.cu:4)"`,
      )
      expect(() => context.allocate(4)).toThrow('CUDA_ERROR_ILLEGAL_ADDRESS')
      context.reset()
      stream = context.createStream()
      expect(context.memory().free).toBe(context.memory().total)
      expect(fault(source, { grid: 33, block: 32 }).errorName).toBe('CUDA_ERROR_ILLEGAL_ADDRESS')
    })

    const broken = (body: string) => `extern "C" __global__ void broken(float *out) { ${body} }`
    test.each([
      ['a write into the room that rounds an allocation up', 'ILLEGAL_ADDRESS', 'out[1] = 0;', 4],
      ['a read of a null pointer', 'ILLEGAL_ADDRESS', 'out[0] = *(float *)(threadIdx.x / 1000 * 8);', 4096],
      ['a vector that is not aligned', 'MISALIGNED_ADDRESS', '*(float4 *)(out + 1) = make_float4(1, 2, 3, 4);', 4096],
      [
        'an index past shared memory',
        'ILLEGAL_ADDRESS',
        '__shared__ float x[8]; x[threadIdx.x] = 0; out[0] = x[1];',
        4096,
      ],
      [
        'a write past dynamic shared memory',
        'ILLEGAL_ADDRESS',
        'extern __shared__ float room[]; room[threadIdx.x * 32] = 0; out[0] = room[0];',
        4096,
      ],
      [
        'a barrier that half a block waits at',
        'LAUNCH_FAILED',
        'if (threadIdx.x < 16) __syncthreads(); else __syncwarp();',
        4096,
      ],
      [
        'a shuffle whose lanes are not all there',
        'LAUNCH_FAILED',
        'if (threadIdx.x == 0) out[0] = __shfl_sync(~0u, 1.f, 1); else __syncthreads();',
        4096,
      ],
      ['a lane outside its own mask', 'LAUNCH_FAILED', '__shfl_sync(1u, 1, 0);', 4096],
      ['a trap', 'LAUNCH_FAILED', '__trap();', 4096],
      [
        'a thread that leaves without waiting for the grid before',
        'LAUNCH_FAILED',
        'if (threadIdx.x > 3) gridDependencyWait();',
        4096,
      ],
      [
        'more local memory than a thread has',
        'ILLEGAL_ADDRESS',
        'volatile float x[80000]; x[0] = 1; out[0] = x[0];',
        4096,
      ],
    ])('%s', (_, name, body, bytes) => {
      expect(fault(broken(body), { grid: 1, block: 32, sharedBytes: 128 }, bytes).errorName).toBe(`CUDA_ERROR_${name}`)
    })

    test('a launch that overlaps, of a kernel that does not wait', () => {
      const source = broken('out[0] = 1;')
      expect(fault(source, { grid: 1, block: 32, overlap: true }).message).toContain(
        'exits without gridDependencyWait()',
      )
    })

    test('shapes that the kernel or the card does not allow', () => {
      const source = 'extern "C" __global__ void __launch_bounds__(64, 2) narrow(float *out) { *out = 1; }'
      const narrow = load(source, 'narrow', { out: 'pointer' })
      const out = context.allocate(4)
      expect(() => stream.launch(narrow, { grid: 1, block: 96 }, { out })).toThrow('INVALID_VALUE')
      expect(() => stream.launch(narrow, { grid: [1, 65536], block: 64 }, { out })).toThrow('INVALID_VALUE')
      expect(narrow.attributes.maxThreads).toBe(64)
      expect(() => stream.launch(narrow, { grid: 1, block: 64, sharedBytes: 228 * 1024 }, { out })).toThrow()
      stream.launch(narrow, { grid: 1, block: 64, sharedBytes: 200 * 1024 }, { out })
    })

    test('what does not compile, and headers that were not given', () => {
      expect(() => load('extern "C" __global__ void f() { nonsense(); }', 'f', {})).toThrow(CompileError)
      expect(() => load('#include <cuda_bf16.h>', 'f', {})).toThrow('cannot open source file "cuda_bf16.h"')
      // Sums of floats that depend on the order of threads.
      expect(() => load('extern "C" __global__ void f(float *x) { atomicAdd(x, 1.f); }', 'f', {})).toThrow(CompileError)
    })
  })

  describe('shows', () => {
    test('a missing barrier, by another order of threads', () => {
      const source = `extern "C" __global__ void race(int *out) {
        __shared__ int x[64];
        x[threadIdx.x] = threadIdx.x;
        out[threadIdx.x] = x[63 - threadIdx.x];
      }`
      const results = ['forward', 'reverse'].map(order => {
        process.env.WARPLINE_EMULATOR_ORDER = order
        const out = context.allocate(256)
        run(source, 'race', { out: 'pointer' }, { grid: 1, block: 64 }, { out })
        return [...download(out.pointer, new Int32Array(64))]
      })
      expect(results[0]).not.toEqual(results[1])
      // What nobody has written yet is all ones.
      expect(results[0]![0]).toBe(-1)
    })

    test('memory that nobody has written, and shared memory of the block before', () => {
      const source = `extern "C" __global__ void stale(float *out) {
        __shared__ float x[32];
        out[blockIdx.x] = x[0];
        x[threadIdx.x] = 5;
      }`
      const out = context.allocate(12)
      run(source, 'stale', { out: 'pointer' }, { grid: 2, block: 1 }, { out })
      expect([...download(out.pointer, new Float32Array(3))]).toEqual([Number.NaN, Number.NaN, -431602080])
    })

    test('a result that is read before it is waited for, where streams run late', () => {
      process.env.WARPLINE_EMULATOR_STREAMS = 'late'
      const from = context.allocatePinned(4)
      const to = context.allocatePinned(4)
      const memory = context.allocate(4)
      const [source, target] = [new Int32Array(from.buffer), new Int32Array(to.buffer)]
      source[0] = 1
      target[0] = 0
      const event = context.createEvent()
      const second = context.createStream()
      stream.copyToDevice(memory.pointer, from)
      stream.record(event)
      second.wait(event)
      second.copyToHost(to, memory.pointer)
      source[0] = 2
      expect(target[0]).toBe(0)
      second.synchronize()
      expect(target[0]).toBe(2)
      expect(event.done).toBe(true)
    })
  })

  test('records graphs, replays them with the arguments they had, and takes over those of another', () => {
    const source = `extern "C" __global__ void add(int *x, int by) { if (threadIdx.x == 0) *x += by; }
      extern "C" __global__ void twice(int *x) { if (threadIdx.x == 0) *x *= 2; }`
    const x = upload(new Int32Array([1]))
    const add = load(source, 'add', { x: 'pointer', by: 'i32' })
    const twice = load(source, 'twice', { x: 'pointer' })
    const shape = { grid: 1, block: 32 }
    const record = (by: number) =>
      stream.capture(() => {
        stream.launch(add, shape, { x, by })
        stream.launch(twice, { ...shape }, { x })
      })
    const graph = record(2)
    expect(download(x, new Int32Array(1))).toEqual(new Int32Array([1]))
    expect(graph.nodes).toBe(2)
    const executable = graph.instantiate()
    graph[Symbol.dispose]()
    executable.launch(stream)
    executable.launch(stream)
    expect(download(x, new Int32Array(1))).toEqual(new Int32Array([16]))
    expect(executable.update(record(4))).toBe(true)
    executable.launch(stream)
    expect(download(x, new Int32Array(1))).toEqual(new Int32Array([40]))
    const other = stream.capture(() => stream.launch(twice, shape, { x }))
    expect(executable.update(other)).toBe(false)
  })

  test('records what other streams do between a wait for this one and a wait for them', () => {
    const other = context.createStream()
    const [fork, join] = [context.createEvent(), context.createEvent()]
    const x = upload(new Int32Array([1, 2]))
    const record = (joins: boolean) =>
      stream.capture(() => {
        stream.record(fork)
        other.wait(fork)
        other.copy(x, x + 4, 4)
        other.record(join)
        if (joins) stream.wait(join)
      })
    expect(() => record(false)).toThrow('CUDA_ERROR_STREAM_CAPTURE_UNJOINED')
    record(true).instantiate().launch(stream)
    expect(download(x, new Int32Array(1))).toEqual(new Int32Array([2]))
    expect(() => join.done).toThrow('CUDA_ERROR_CAPTURED_EVENT')
  })

  test('ends a capture that somebody waits in', () => {
    expect(() => stream.capture(() => stream.synchronize())).toThrow('CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED')
    stream.synchronize()
  })

  test('keeps account of memory', () => {
    const { free, total } = context.memory()
    expect(free).toBe(total)
    const first = context.allocate(1 << 20)
    const second = context.allocate(100)
    expect(context.memory().free).toBe(total - (1 << 20) - 256)
    expect(first.pointer % 256).toBe(0)
    expect(second.pointer % 256).toBe(0)
    expect(() => context.allocate(total)).toThrow('CUDA_ERROR_OUT_OF_MEMORY')
    // Nothing is touched: as much as the card has costs the host nothing.
    const rest = context.allocate(context.memory().free)
    expect(context.memory().free).toBe(0)
    for (const each of [first, second, rest]) each[Symbol.dispose]()
    expect(context.memory().free).toBe(total)
    const { pointer } = context.allocate(8)
    expect(() => stream.copyToDevice(pointer, new Uint8Array(9))).toThrow('CUDA_ERROR_INVALID_VALUE')
  })

  test.each(['f32', 'bf16', 'f16'] as const)('multiplies matrices of %s, in a graph as well', type => {
    const [m, n, k] = [5, 7, 33]
    const encode = { f32: (x: number) => x, bf16: toBf16, f16: toF16 }[type]
    const decode = { f32: Math.fround, bf16: fromBf16, f16: fromF16 }[type]
    const make = (count: number, of: (i: number) => number) => {
      const values = Array.from({ length: count }, (_, i) => encode(of(i)))
      return type === 'f32' ? Float32Array.from(values) : Uint16Array.from(values)
    }
    const a = make(m * k, Math.sin)
    const b = make(n * k, Math.cos)
    const bias = make(n, i => i)
    const library = new MatmulLibrary(context, 1 << 16)
    const plan = library.plan({
      ...{ m, n, k },
      a: { type, rows: m, columns: k },
      b: { type, rows: n, columns: k, transposed: true },
      d: { type: 'f32', rows: m, columns: n },
      bias: { type: 'f32' },
    })
    const d = context.allocate(m * n * 4)
    const pointers = {
      ...{ a: upload(a), b: upload(b), d: d.pointer },
      bias: upload(Float32Array.from({ length: n }, (_, i) => decode(bias[i]!))),
    }
    stream
      .capture(() => plan.enqueue(stream, pointers))
      .instantiate()
      .launch(stream)
    const got = download(d.pointer, new Float32Array(m * n))
    for (let row = 0; row < m; row++)
      for (let column = 0; column < n; column++) {
        let sum = decode(bias[column]!)
        for (let i = 0; i < k; i++) sum += decode(a[row * k + i]!) * decode(b[column * k + i]!)
        expect(got[row * n + column]).toBeCloseTo(sum, 4)
      }
    library[Symbol.dispose]()
  })
})

const words = new DataView(new ArrayBuffer(8))

function fromBf16(bits: number): number {
  words.setUint32(0, bits * 65536)
  return words.getFloat32(0)
}

/** Of finite numbers. To nearest, ties to even. */
function toBf16(x: number): number {
  words.setFloat32(0, x)
  const bits = words.getUint32(0)
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16
}

/** A number of `exponentBits` and `mantissaBits` whose largest exponent is kept for infinity and NaN. */
function decodeSmall(bits: number, exponentBits: number, mantissaBits: number): number {
  const sign = bits >> (exponentBits + mantissaBits) ? -1 : 1
  const exponent = (bits >> mantissaBits) & (2 ** exponentBits - 1)
  const mantissa = (bits & (2 ** mantissaBits - 1)) / 2 ** mantissaBits
  const bias = 2 ** (exponentBits - 1) - 1
  return sign * (exponent === 0 ? mantissa * 2 ** (1 - bias) : (1 + mantissa) * 2 ** (exponent - bias))
}

function fromF16(bits: number): number {
  if ((bits & 0x7c00) === 0x7c00) return bits & 0x3ff ? Number.NaN : bits & 0x8000 ? -Infinity : Infinity
  return decodeSmall(bits, 5, 10)
}

function fromFp8(bits: number): number {
  return (bits & 0x7f) === 0x7f ? Number.NaN : decodeSmall(bits, 4, 3)
}

/** Of numbers of a moderate size: by the step at its exponent. */
function toF16(x: number): number {
  const magnitude = Math.abs(x)
  const exponent = Math.max(Math.floor(Math.log2(magnitude || 1)), -14)
  const steps = Math.round(magnitude / 2 ** (exponent - 10))
  return (x < 0 ? 0x8000 : 0) + (exponent + 14) * 1024 + steps
}

/** The f32 that is `steps` after `x` > 0. */
function next(x: number, steps: number): number {
  words.setFloat32(0, x)
  words.setInt32(0, words.getInt32(0) + steps)
  return words.getFloat32(0)
}
