import { kernel } from '../../cuda/index.ts'
import { blocksOf, extent, type KitEntry, type Size } from '../entry.ts'
import { FORMATS, roundEven } from '../numbers.ts'

const NARROW = kernel('narrow', { x: 'pointer', out: 'pointer', n: 'u32' })
const WIDEN = kernel('widen', { x: 'pointer', out: 'pointer', n: 'u32' })
const ABSMAX = kernel('absmaxOfBlocks', { x: 'pointer', n: 'u32', maxima: 'pointer' })
const QUANTISE_INT8 = kernel('quantiseInt8', {
  x: 'pointer',
  n: 'u32',
  maxima: 'pointer',
  blocks: 'u32',
  q: 'pointer',
  scale: 'pointer',
})
const DEQUANTISE_INT8 = kernel('dequantiseInt8', { q: 'pointer', scale: 'pointer', out: 'pointer', n: 'u32' })
const QUANTISE_INT4 = kernel('quantiseInt4', { x: 'pointer', q: 'pointer', scales: 'pointer', groups: 'u32' })
const DEQUANTISE_INT4 = kernel('dequantiseInt4', { q: 'pointer', scales: 'pointer', out: 'pointer', groups: 'u32' })

const THREADS = 256
/** Values with one scale, in int4. */
const GROUP = 32

const length = (size: Size): number => extent(size, 'n')
const checks = [{ n: 1 }, { n: 1024 }, { n: 100_003 }]
const bench = { n: 1 << 26 }

/** Blocks of the int8 kernels, which stride over what is more; their maxima are read by one block. */
const int8Blocks = (n: number): number => Math.min(blocksOf(n, 4 * THREADS), 1024)

function numberType(type: 'bf16' | 'f16' | 'fp8'): readonly KitEntry[] {
  const { bytes, encode, decode } = FORMATS[type]
  const shared = {
    file: 'number-types.cu',
    defines: { TYPE: type },
    limit: 'memory',
    checks,
    bench,
    tolerance: 0,
    bytes: (size: Size) => (4 + bytes) * length(size),
    flops: length,
  } as const
  const shape = (size: Size) => ({ grid: blocksOf(length(size), 4 * THREADS), block: THREADS })
  return [
    {
      ...shared,
      name: `to-${type}`,
      what: `f32 → ${type}`,
      buffers: size => ({
        x: { type: 'f32', length: length(size), role: 'in', range: [-500, 500] },
        out: { type, length: length(size), role: 'out' },
      }),
      prepare: (size, { x, out }, { kernel }) => {
        const launch = kernel(NARROW).prepare(shape(size), { x: x!, out: out!, n: length(size) })
        return stream => stream.enqueue(launch)
      },
      twin: (_, { x }) => ({ out: x!.map(value => decode(encode(value))) }),
    },
    {
      ...shared,
      name: `from-${type}`,
      what: `${type} → f32`,
      buffers: size => ({
        x: { type, length: length(size), role: 'in', range: [-400, 400] },
        out: { type: 'f32', length: length(size), role: 'out' },
      }),
      prepare: (size, { x, out }, { kernel }) => {
        const launch = kernel(WIDEN).prepare(shape(size), { x: x!, out: out!, n: length(size) })
        return stream => stream.enqueue(launch)
      },
      twin: (_, { x }) => ({ out: x! }),
    },
  ]
}

const toInt8: KitEntry = {
  name: 'to-int8',
  what: 'f32 → int8 with one scale, max |x| / 127: two launches',
  file: 'quantise-int8.cu',
  limit: 'memory',
  checks,
  bench,
  buffers: size => ({
    x: { type: 'f32', length: length(size), role: 'in', range: [-3, 3] },
    maxima: { type: 'f32', length: int8Blocks(length(size)), role: 'out' },
    q: { type: 'i8', length: length(size), role: 'out' },
    scale: { type: 'f32', length: 1, role: 'out' },
  }),
  prepare: (size, { x, maxima, q, scale }, { kernel }) => {
    const n = length(size)
    const blocks = int8Blocks(n)
    const shape = { grid: blocks, block: THREADS }
    const look = kernel(ABSMAX).prepare(shape, { x: x!, n, maxima: maxima! })
    const divide = kernel(QUANTISE_INT8).prepare(shape, {
      ...{ x: x!, n, maxima: maxima!, blocks, q: q!, scale: scale! },
    })
    return stream => {
      stream.enqueue(look)
      stream.enqueue(divide)
    }
  },
  twin: (size, { x }) => {
    const blocks = int8Blocks(length(size))
    const maxima = new Float64Array(blocks)
    for (const [i, value] of x!.entries()) {
      const block = Math.floor(i / THREADS) % blocks
      maxima[block] = Math.max(maxima[block]!, Math.abs(value))
    }
    const most = maxima.reduce((a, b) => Math.max(a, b), 0)
    const inverse = most > 0 ? Math.fround(127 / most) : 0
    const q = x!.map(value => Math.min(Math.max(roundEven(Math.fround(value * inverse)), -127), 127))
    return { maxima, q, scale: [Math.fround(most / 127)] }
  },
  tolerance: 0,
  bytes: size => 9 * length(size),
  flops: size => 3 * length(size),
}

const fromInt8: KitEntry = {
  name: 'from-int8',
  what: 'int8 with one scale → f32',
  file: 'quantise-int8.cu',
  limit: 'memory',
  checks,
  bench,
  buffers: size => ({
    q: { type: 'i8', length: length(size), role: 'in', range: [-127, 127] },
    scale: { type: 'f32', length: 1, role: 'in', range: [0.001, 0.1] },
    out: { type: 'f32', length: length(size), role: 'out' },
  }),
  prepare: (size, { q, scale, out }, { kernel }) => {
    const n = length(size)
    const shape = { grid: blocksOf(n, 4 * THREADS), block: THREADS }
    const launch = kernel(DEQUANTISE_INT8).prepare(shape, { q: q!, scale: scale!, out: out!, n })
    return stream => stream.enqueue(launch)
  },
  twin: (_, { q, scale }) => ({ out: q!.map(value => Math.fround(value * scale![0]!)) }),
  tolerance: 0,
  bytes: size => 5 * length(size),
  flops: length,
}

const int4Checks = [{ groups: 1 }, { groups: 8 }, { groups: 3001 }]
const int4Bench = { groups: 1 << 21 }

const toInt4: KitEntry = {
  name: 'to-int4',
  what: 'f32 → int4, a scale for each 32 values',
  file: 'quantise-int4.cu',
  limit: 'memory',
  checks: int4Checks,
  bench: int4Bench,
  buffers: size => ({
    x: { type: 'f32', length: extent(size, 'groups') * GROUP, role: 'in', range: [-2, 2] },
    q: { type: 'u8', length: (extent(size, 'groups') * GROUP) / 2, role: 'out' },
    scales: { type: 'f32', length: extent(size, 'groups'), role: 'out' },
  }),
  prepare: (size, { x, q, scales }, { kernel }) => {
    const groups = extent(size, 'groups')
    const shape = { grid: blocksOf(groups * GROUP, THREADS), block: THREADS }
    const launch = kernel(QUANTISE_INT4).prepare(shape, { x: x!, q: q!, scales: scales!, groups })
    return stream => stream.enqueue(launch)
  },
  twin: (size, { x }) => {
    const groups = extent(size, 'groups')
    const scales = new Float64Array(groups)
    const q = new Uint8Array((groups * GROUP) / 2)
    for (let group = 0; group < groups; group++) {
      const values = x!.subarray(group * GROUP, (group + 1) * GROUP)
      const most = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
      const inverse = most > 0 ? Math.fround(7 / most) : 0
      scales[group] = Math.fround(most / 7)
      for (const [i, value] of values.entries()) {
        const nibble = roundEven(Math.fround(value * inverse)) + 8
        q[(group * GROUP + i) >> 1]! |= i % 2 === 0 ? nibble : nibble << 4
      }
    }
    return { q, scales }
  },
  tolerance: 0,
  bytes: size => extent(size, 'groups') * (GROUP * 4.5 + 4),
  flops: size => 2 * GROUP * extent(size, 'groups'),
}

const fromInt4: KitEntry = {
  name: 'from-int4',
  what: 'int4 with a scale for each 32 values → f32',
  file: 'quantise-int4.cu',
  limit: 'memory',
  checks: int4Checks,
  bench: int4Bench,
  buffers: size => ({
    q: { type: 'u8', length: (extent(size, 'groups') * GROUP) / 2, role: 'in' },
    scales: { type: 'f32', length: extent(size, 'groups'), role: 'in', range: [0.001, 0.1] },
    out: { type: 'f32', length: extent(size, 'groups') * GROUP, role: 'out' },
  }),
  prepare: (size, { q, scales, out }, { kernel }) => {
    const groups = extent(size, 'groups')
    const shape = { grid: blocksOf((groups * GROUP) / 2, THREADS), block: THREADS }
    const launch = kernel(DEQUANTISE_INT4).prepare(shape, { q: q!, scales: scales!, out: out!, groups })
    return stream => stream.enqueue(launch)
  },
  twin: (size, { q, scales }) => ({
    out: Float64Array.from({ length: extent(size, 'groups') * GROUP }, (_, i) => {
      const nibble = (q![i >> 1]! >> (i % 2 === 0 ? 0 : 4)) & 15
      return Math.fround((nibble - 8) * scales![Math.floor(i / GROUP)]!)
    }),
  }),
  tolerance: 0,
  bytes: size => extent(size, 'groups') * (GROUP * 4.5 + 4),
  flops: size => GROUP * extent(size, 'groups'),
}

export const QUANTISATION: readonly KitEntry[] = [
  ...(['bf16', 'f16', 'fp8'] as const).flatMap(numberType),
  toInt8,
  fromInt8,
  toInt4,
  fromInt4,
]
