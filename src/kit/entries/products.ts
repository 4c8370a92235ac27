import { kernel, type LaunchShape } from '../../cuda/index.ts'
import { blocksOf, extent, type KitEntry, type Size } from '../entry.ts'

const PARAMETERS = { a: 'pointer', b: 'pointer', c: 'pointer', m: 'u32', n: 'u32', k: 'u32' } as const
const NAIVE = kernel('matmulNaive', PARAMETERS)
const TILED = kernel('matmulTiled', PARAMETERS)
const TENSOR = kernel('matmulTensor', PARAMETERS)

const NAIVE_TILE = 16
const TILED_TILE = 64
const TENSOR_TILE = 128
/** Four stages of both operands' slices, padded: see the file. */
const TENSOR_SHARED_BYTES = 4 * (128 * 40 + 32 * 136) * 2

const sizesOf = (size: Size) => ({ m: extent(size, 'm'), n: extent(size, 'n'), k: extent(size, 'k') })

/** c `[m, n]` = a `[m, k]` · b `[k, n]`, summed exactly enough to judge f32. */
function multiply(size: Size, a: Float64Array, b: Float64Array): Float64Array {
  const { m, n, k } = sizesOf(size)
  const c = new Float64Array(m * n)
  for (let row = 0; row < m; row++) {
    const into = c.subarray(row * n, (row + 1) * n)
    for (let inner = 0; inner < k; inner++) {
      const factor = a[row * k + inner]!
      const from = b.subarray(inner * n, (inner + 1) * n)
      for (let column = 0; column < n; column++) into[column]! += factor * from[column]!
    }
  }
  return c
}

interface Rung {
  readonly name: string
  readonly what: string
  readonly file: string | undefined
  readonly type: 'f32' | 'bf16'
  readonly checks: readonly Size[]
  readonly bench: Size
  readonly prepare: KitEntry['prepare']
}

function rung({ type, ...rest }: Rung): KitEntry {
  const bytes = type === 'f32' ? 4 : 2
  return {
    ...rest,
    limit: 'tensor cores',
    buffers: size => {
      const { m, n, k } = sizesOf(size)
      return {
        a: { type, length: m * k, role: 'in' },
        b: { type, length: k * n, role: 'in' },
        c: { type: 'f32', length: m * n, role: 'out' },
      }
    },
    twin: (size, { a, b }) => ({ c: multiply(size, a!, b!) }),
    tolerance: 1e-5,
    bytes: size => {
      const { m, n, k } = sizesOf(size)
      return bytes * (m * k + k * n) + 4 * m * n
    },
    flops: size => 2 * extent(size, 'm') * extent(size, 'n') * extent(size, 'k'),
  }
}

function own(declaration: typeof NAIVE | typeof TILED | typeof TENSOR, shapeOf: (size: Size) => LaunchShape) {
  const prepare: KitEntry['prepare'] = (size, { a, b, c }, { kernel }) => {
    const launch = kernel(declaration).prepare(shapeOf(size), { a: a!, b: b!, c: c!, ...sizesOf(size) })
    return stream => stream.enqueue(launch)
  }
  return prepare
}

const tilesOf = (size: Size, tile: number) =>
  [blocksOf(extent(size, 'n'), tile), blocksOf(extent(size, 'm'), tile)] as const

const anySize = [
  { m: 1, n: 1, k: 1 },
  { m: 65, n: 130, k: 33 },
  { m: 128, n: 64, k: 96 },
]
/** 8 divides n and k. */
const inEights = [
  { m: 1, n: 8, k: 8 },
  { m: 130, n: 136, k: 40 },
  { m: 128, n: 256, k: 160 },
]

export const PRODUCTS: readonly KitEntry[] = [
  rung({
    name: 'matmul-naive',
    what: 'matrix product, one thread a result',
    file: 'matmul-naive.cu',
    type: 'f32',
    checks: anySize,
    bench: { m: 4096, n: 4096, k: 4096 },
    prepare: own(NAIVE, size => ({ grid: tilesOf(size, NAIVE_TILE), block: [NAIVE_TILE, NAIVE_TILE] })),
  }),
  rung({
    name: 'matmul-tiled',
    what: '…tiles in shared memory, 4 × 4 results a thread',
    file: 'matmul-tiled.cu',
    type: 'f32',
    checks: anySize,
    bench: { m: 4096, n: 4096, k: 4096 },
    prepare: own(TILED, size => ({ grid: tilesOf(size, TILED_TILE), block: 256 })),
  }),
  rung({
    name: 'matmul-tensor',
    what: '…bf16 on tensor cores, four slices in flight',
    file: 'matmul-tensor.cu',
    type: 'bf16',
    checks: inEights,
    bench: { m: 8192, n: 8192, k: 8192 },
    prepare: own(TENSOR, size => ({
      grid: tilesOf(size, TENSOR_TILE),
      block: 256,
      sharedBytes: TENSOR_SHARED_BYTES,
    })),
  }),
  rung({
    name: 'matmul-cublaslt',
    what: '…bf16 by cuBLASLt: what the others are held against',
    file: undefined,
    type: 'bf16',
    checks: inEights,
    bench: { m: 8192, n: 8192, k: 8192 },
    prepare: (size, { a, b, c }, { matmul }) => {
      const { m, n, k } = sizesOf(size)
      const plan = matmul.plan({
        ...{ m, n, k },
        a: { type: 'bf16', rows: m, columns: k },
        b: { type: 'bf16', rows: k, columns: n },
        d: { type: 'f32', rows: m, columns: n },
      })
      return stream => plan.enqueue(stream, { a: a!, b: b!, d: c! })
    },
  }),
]
