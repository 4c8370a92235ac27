import { kernel } from '../../cuda/index.ts'
import { blocksOf, extent, type KitEntry } from '../entry.ts'

const SPIN = kernel('spin', { rounds: 'u32', out: 'pointer' })
const POST = kernel('post', { tokens: 'pointer', out: 'pointer', n: 'u32', rounds: 'u32' })
const LATENCY = kernel('latency', { data: 'pointer', n: 'u32', rounds: 'u32' })
const THROUGHPUT = kernel('throughput', { out: 'pointer', rounds: 'u32' })

/** Blocks and threads of `spin` and `post`, whatever there is to do. */
const SPIN_SHAPE = { grid: 16, block: 128 } as const
const SPIN_THREADS = SPIN_SHAPE.grid * SPIN_SHAPE.block

const THROUGHPUT_THREADS = 256
const CHAINS = 8

/** `rounds` steps of the generator in `lcg.cuh`. */
function lcg(x: number, rounds: number): number {
  let state = x | 0
  for (let i = 0; i < rounds; i++) state = (Math.imul(state, 1_103_515_245) + 12_345) | 0
  return state >>> 0
}

const spin: KitEntry = {
  name: 'spin',
  what: '16 × 128 threads, each with so many rounds of a generator: work of a known length',
  file: 'spin.cu',
  limit: 'latency',
  checks: [{ rounds: 0 }, { rounds: 1 }, { rounds: 1000 }],
  bench: { rounds: 10_000 },
  buffers: () => ({ out: { type: 'u32', length: SPIN_THREADS, role: 'out' } }),
  prepare: (size, { out }, { kernel }) => {
    const launch = kernel(SPIN).prepare(SPIN_SHAPE, { rounds: extent(size, 'rounds'), out: out! })
    return stream => stream.enqueue(launch)
  },
  twin: size => ({ out: Array.from({ length: SPIN_THREADS }, (_, i) => lcg(i, extent(size, 'rounds'))) }),
  tolerance: 0,
  bytes: () => 4 * SPIN_THREADS,
  flops: size => 2 * SPIN_THREADS * extent(size, 'rounds'),
}

const post: KitEntry = {
  name: 'post',
  what: 'what is done with a completion’s tokens: so many rounds of a generator from each of them',
  file: 'post.cu',
  limit: 'latency',
  checks: [
    { n: 1, rounds: 7 },
    { n: 5000, rounds: 100 },
  ],
  bench: { n: 2048, rounds: 10_000 },
  buffers: size => ({
    tokens: { type: 'u32', length: extent(size, 'n'), role: 'in', range: [0, 128_000] },
    out: { type: 'u32', length: extent(size, 'n'), role: 'out' },
  }),
  prepare: (size, { tokens, out }, { kernel }) => {
    const [n, rounds] = [extent(size, 'n'), extent(size, 'rounds')]
    const launch = kernel(POST).prepare(SPIN_SHAPE, { tokens: tokens!, out: out!, n, rounds })
    return stream => stream.enqueue(launch)
  },
  twin: (size, { tokens }) => ({ out: tokens!.map(token => lcg(token, extent(size, 'rounds'))) }),
  tolerance: 0,
  bytes: size => 8 * extent(size, 'n'),
  flops: size => 2 * extent(size, 'n') * extent(size, 'rounds'),
}

const latency: KitEntry = {
  name: 'latency',
  what: 'a chain of multiply-adds, each needing the one before: the latency of one',
  file: 'latency.cu',
  limit: 'latency',
  checks: [
    { n: 6400, rounds: 50 },
    { n: 3, rounds: 2001 },
  ],
  bench: { n: 6400, rounds: 2000 },
  buffers: size => ({ data: { type: 'f32', length: extent(size, 'n'), role: 'both' } }),
  prepare: (size, { data }, { kernel }) => {
    const [n, rounds] = [extent(size, 'n'), extent(size, 'rounds')]
    const launch = kernel(LATENCY).prepare({ grid: blocksOf(n, 256), block: 256 }, { data: data!, n, rounds })
    return stream => stream.enqueue(launch)
  },
  twin: (size, { data }) => {
    const [factor, term] = [Math.fround(1.001), Math.fround(0.1)]
    return {
      data: data!.map(value => {
        let x = value
        for (let i = 0; i < extent(size, 'rounds'); i++) x = Math.fround(x * factor + term)
        return x
      }),
    }
  },
  tolerance: 1e-5,
  bytes: size => 8 * extent(size, 'n'),
  flops: size => 2 * extent(size, 'n') * extent(size, 'rounds'),
}

const throughput: KitEntry = {
  name: 'throughput',
  what: 'eight generators a thread that do not wait for each other: the rate of the integer units',
  file: 'throughput.cu',
  limit: 'arithmetic',
  checks: [{ blocks: 3, rounds: 20 }],
  bench: { blocks: 8192, rounds: 1000 },
  buffers: size => ({ out: { type: 'u32', length: extent(size, 'blocks') * THROUGHPUT_THREADS, role: 'out' } }),
  prepare: (size, { out }, { kernel }) => {
    const shape = { grid: extent(size, 'blocks'), block: THROUGHPUT_THREADS }
    const launch = kernel(THROUGHPUT).prepare(shape, { out: out!, rounds: extent(size, 'rounds') })
    return stream => stream.enqueue(launch)
  },
  twin: size => ({
    out: Array.from({ length: extent(size, 'blocks') * THROUGHPUT_THREADS }, (_, i) => {
      let mixed = 0
      for (let chain = 0; chain < CHAINS; chain++) mixed ^= lcg(i * CHAINS + chain, extent(size, 'rounds'))
      return mixed >>> 0
    }),
  }),
  tolerance: 0,
  bytes: size => 4 * extent(size, 'blocks') * THROUGHPUT_THREADS,
  flops: size => 2 * CHAINS * extent(size, 'blocks') * THROUGHPUT_THREADS * extent(size, 'rounds'),
}

export const LOOPS: readonly KitEntry[] = [spin, post, latency, throughput]
