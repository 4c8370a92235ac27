import { kernel } from '../../cuda/index.ts'
import { blocksOf, extent, type KitEntry, type Size } from '../entry.ts'

const READ_ALL = kernel('readAll', { x: 'pointer', n: 'u32', out: 'pointer' })
const COPY_ALL = kernel('copyAll', { x: 'pointer', n: 'u32', out: 'pointer' })

const THREADS = 512
/** 32-bit values in one access. */
const WORD = 4
/** Enough for every multiprocessor of any card; blocks stride over what is more. */
const MOST_BLOCKS = 2048

const words = (size: Size): number => extent(size, 'words')
const blocks = (size: Size): number => Math.min(blocksOf(words(size), THREADS), MOST_BLOCKS)
const checks = [{ words: 1 }, { words: 5000 }]

/** What memory gives: the others are held against these. */
export const CEILINGS: readonly KitEntry[] = [
  {
    name: 'read',
    what: 'reads all of a buffer once',
    file: 'ceilings.cu',
    limit: 'memory',
    checks,
    bench: { words: 1 << 27 },
    buffers: size => ({
      x: { type: 'u32', length: words(size) * WORD, role: 'in', range: [0, 2 ** 32 - 1] },
      out: { type: 'u32', length: blocks(size), role: 'out' },
    }),
    prepare: (size, { x, out }, { kernel }) => {
      const shape = { grid: blocks(size), block: THREADS }
      const launch = kernel(READ_ALL).prepare(shape, { x: x!, n: words(size), out: out! })
      return stream => stream.enqueue(launch)
    },
    twin: (size, { x }) => {
      const out = new Uint32Array(blocks(size))
      for (const [i, value] of x!.entries()) out[Math.floor(i / WORD / THREADS) % out.length]! ^= value
      return { out }
    },
    tolerance: 0,
    bytes: size => 16 * words(size),
    flops: () => 0,
  },
  {
    name: 'copy',
    what: 'copies a buffer',
    file: 'ceilings.cu',
    limit: 'memory',
    checks,
    bench: { words: 1 << 26 },
    buffers: size => ({
      x: { type: 'u32', length: words(size) * WORD, role: 'in', range: [0, 2 ** 32 - 1] },
      out: { type: 'u32', length: words(size) * WORD, role: 'out' },
    }),
    prepare: (size, { x, out }, { kernel }) => {
      const shape = { grid: blocks(size), block: THREADS }
      const launch = kernel(COPY_ALL).prepare(shape, { x: x!, n: words(size), out: out! })
      return stream => stream.enqueue(launch)
    },
    twin: (_, { x }) => ({ out: x! }),
    tolerance: 0,
    bytes: size => 32 * words(size),
    flops: () => 0,
  },
]
