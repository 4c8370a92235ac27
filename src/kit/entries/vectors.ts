import { kernel } from '../../cuda/index.ts'
import { blocksOf, extent, type KitEntry, type Size } from '../entry.ts'

const VECTOR_ADD = kernel('vectorAdd', { a: 'pointer', b: 'pointer', out: 'pointer', n: 'u32' })
const RELU = kernel('relu', { x: 'pointer', out: 'pointer', n: 'u32' })
const GELU = kernel('gelu', { x: 'pointer', out: 'pointer', n: 'u32' })

const THREADS = 256
/** Values that a block takes, four a thread. */
const PER_BLOCK = 4 * THREADS

const sizes = {
  checks: [{ n: 1 }, { n: 1024 }, { n: 100_003 }],
  bench: { n: 1 << 26 },
} as const

const length = (size: Size): number => extent(size, 'n')
const shapeOf = (size: Size) => ({ grid: blocksOf(length(size), PER_BLOCK), block: THREADS })

const vectorAdd: KitEntry = {
  name: 'vectorAdd',
  what: 'out = a + b',
  file: 'vector-add.cu',
  limit: 'memory',
  ...sizes,
  buffers: size => ({
    a: { type: 'f32', length: length(size), role: 'in' },
    b: { type: 'f32', length: length(size), role: 'in' },
    out: { type: 'f32', length: length(size), role: 'out' },
  }),
  prepare: (size, { a, b, out }, { kernel }) => {
    const launch = kernel(VECTOR_ADD).prepare(shapeOf(size), { a: a!, b: b!, out: out!, n: length(size) })
    return stream => stream.enqueue(launch)
  },
  twin: (_, { a, b }) => ({ out: a!.map((value, i) => Math.fround(value + b![i]!)) }),
  tolerance: 0,
  bytes: size => 12 * length(size),
  flops: length,
}

function activation(
  name: string,
  what: string,
  declaration: typeof RELU | typeof GELU,
  f: (x: number) => number,
  tolerance: number,
  operations: number,
): KitEntry {
  return {
    name,
    what,
    file: `${name}.cu`,
    limit: 'memory',
    ...sizes,
    buffers: size => ({
      x: { type: 'f32', length: length(size), role: 'in', range: [-6, 6] },
      out: { type: 'f32', length: length(size), role: 'out' },
    }),
    prepare: (size, { x, out }, { kernel }) => {
      const launch = kernel(declaration).prepare(shapeOf(size), { x: x!, out: out!, n: length(size) })
      return stream => stream.enqueue(launch)
    },
    twin: (_, { x }) => ({ out: x!.map(f) }),
    tolerance,
    scale: 1,
    bytes: size => 8 * length(size),
    flops: size => operations * length(size),
  }
}

const gelu = (x: number): number => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))

export const VECTORS: readonly KitEntry[] = [
  vectorAdd,
  activation('relu', 'max(0, x)', RELU, x => Math.max(0, x), 0, 1),
  activation('gelu', 'GELU, approximated by tanh', GELU, gelu, 1e-5, 10),
]
