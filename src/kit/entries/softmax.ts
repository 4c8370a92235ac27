import { kernel } from '../../cuda/index.ts'
import { extent, type KitEntry, type Size } from '../entry.ts'

const SOFTMAX = kernel('scaledMaskedSoftmax', {
  scores: 'pointer',
  queries: 'u32',
  keys: 'u32',
  scale: 'f32',
  position: 'u32',
})

const THREADS = 256
/** 1/√128, the scale of a head of 128. */
const SCALE = Math.fround(128 ** -0.5)

const elements = (size: Size): number => extent(size, 'heads') * extent(size, 'queries') * extent(size, 'keys')

/** Scale, causal mask and softmax of attention scores `[heads, queries, keys]`. */
export const SOFTMAXES: readonly KitEntry[] = [
  {
    name: 'softmax',
    what: 'scale, causal mask and softmax of attention scores in one launch',
    file: 'softmax.cu',
    limit: 'memory',
    checks: [
      { heads: 1, queries: 1, keys: 1, position: 0 },
      { heads: 2, queries: 5, keys: 600, position: 595 },
      { heads: 3, queries: 40, keys: 40, position: 0 },
      { heads: 1, queries: 3, keys: 1000, position: 100 },
    ],
    bench: { heads: 32, queries: 2048, keys: 2048, position: 0 },
    buffers: size => ({ scores: { type: 'f32', length: elements(size), role: 'both', range: [-40, 40] } }),
    prepare: (size, { scores }, { kernel }) => {
      const [queries, keys, position] = [extent(size, 'queries'), extent(size, 'keys'), extent(size, 'position')]
      const launch = kernel(SOFTMAX).prepare(
        { grid: [queries, extent(size, 'heads')], block: THREADS },
        { scores: scores!, queries, keys, scale: SCALE, position },
      )
      return stream => stream.enqueue(launch)
    },
    twin: (size, { scores }) => {
      const [queries, keys] = [extent(size, 'queries'), extent(size, 'keys')]
      const out = new Float64Array(scores!.length)
      for (let row = 0; row * keys < scores!.length; row++) {
        const seen = Math.min(keys, extent(size, 'position') + (row % queries) + 1)
        const values = scores!.subarray(row * keys, row * keys + seen).map(score => score * SCALE)
        const most = values.reduce((a, b) => Math.max(a, b))
        const weights = values.map(value => Math.exp(value - most))
        const sum = weights.reduce((a, b) => a + b)
        out.set(
          weights.map(weight => weight / sum),
          row * keys,
        )
      }
      return { scores: out }
    },
    tolerance: 1e-5,
    // What is seen is read once from memory and once from cache; everything is written.
    bytes: size => {
      const [heads, queries, keys] = [extent(size, 'heads'), extent(size, 'queries'), extent(size, 'keys')]
      let seen = 0
      for (let query = 0; query < queries; query++) seen += Math.min(keys, extent(size, 'position') + query + 1)
      return 4 * (heads * seen + elements(size))
    },
    flops: size => 5 * elements(size),
  },
]
