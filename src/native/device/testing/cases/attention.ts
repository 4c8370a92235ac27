import type { ElementType, HeadShape } from '../../device.ts'
import { type CaseSequence, fillCache, Inputs, stepOf } from '../case-inputs.ts'
import { type DeviceCase, FLOAT } from '../device-case.ts'

/** `type` is the cache's; `activations`: as they are. */
function attentionCase(
  shape: HeadShape,
  sequences: readonly CaseSequence[],
  window: number | undefined = undefined,
  type: ElementType | 'activations' = 'f32',
): DeviceCase {
  const { heads, kvHeads, headDim } = shape
  const lengths = sequences.map(({ cached, queries }) => `${queries} after ${cached}`).join(', ')
  const seen = window === undefined ? '' : `, window ${window}`
  return {
    name: `attention ${type} ${heads}/${kvHeads} heads of ${headDim}: ${lengths}${seen}`,
    tolerance: FLOAT,
    ...(type === 'activations' ? {} : { needs: type }),
    run(device, seed) {
      const inputs = new Inputs(device, seed)
      const step = stepOf(inputs, sequences)
      const count = step.tokens.length
      const kv = inputs.cache(step.blocks, kvHeads, headDim, type === 'activations' ? device.activationType : type)
      fillCache(inputs, kv, step, kvHeads * headDim)
      const qkv = inputs.filled([count, (heads + 2 * kvHeads) * headDim])
      const out = inputs.poisoned([count, heads * headDim])
      device.begin(step)
      device.attention(out, qkv, kv, shape, { scale: 2 / Math.sqrt(headDim), window })
      return [device.download(out)]
    },
  }
}

/** Sequences that see so many positions, with one query each. */
function singles(...contexts: readonly number[]): CaseSequence[] {
  return contexts.map(context => ({ cached: context - 1, queries: 1 }))
}

/** Prompts and single tokens in one step. */
const MIXED: readonly CaseSequence[] = [
  { cached: 0, queries: 70 },
  { cached: 33, queries: 1 },
  { cached: 150, queries: 1 },
  { cached: 45, queries: 5 },
  { cached: 0, queries: 1 },
]

export const ATTENTION_CASES: readonly DeviceCase[] = [
  ...[16, 32, 64, 80, 128].map(headDim => {
    const boundaries = [0, 14, 15, 16, 31].map(cached => ({ cached, queries: 1 }))
    return attentionCase({ heads: 4, kvHeads: 2, headDim }, boundaries)
  }),
  ...[1, 2, 4, 8].map(group => {
    return attentionCase({ heads: 8, kvHeads: 8 / group, headDim: 32 }, [
      { cached: 0, queries: 37 },
      { cached: 20, queries: 3 },
    ])
  }),
  attentionCase({ heads: 7, kvHeads: 1, headDim: 40 }, [{ cached: 5, queries: 19 }]),
  attentionCase({ heads: 2, kvHeads: 2, headDim: 8 }, [{ cached: 0, queries: 1 }]),
  attentionCase({ heads: 8, kvHeads: 2, headDim: 64 }, [{ cached: 2999, queries: 2 }]),
  ...[1, 5, 16, 17, 100].map(window => {
    return attentionCase(
      { heads: 4, kvHeads: 2, headDim: 32 },
      [
        { cached: 61, queries: 9 },
        { cached: 0, queries: 40 },
      ],
      window,
    )
  }),
  attentionCase({ heads: 8, kvHeads: 4, headDim: 32 }, [{ cached: 100, queries: 5 }], undefined, 'bf16'),
  attentionCase({ heads: 6, kvHeads: 2, headDim: 80 }, [{ cached: 30, queries: 33 }], 20, 'bf16'),
  // What tensor cores take: the cache's type is that of activations, or fp8.
  ...[16, 32, 64, 80, 96, 128, 256].map(headDim => {
    return attentionCase({ heads: 2, kvHeads: 1, headDim }, MIXED, undefined, 'activations')
  }),
  ...[1, 3, 4, 7, 8, 12].map(group => {
    return attentionCase({ heads: 2 * group, kvHeads: 2, headDim: 32 }, MIXED, undefined, 'activations')
  }),
  // Around the ends of splits, of 128 and of 256 positions.
  attentionCase(
    { heads: 2, kvHeads: 1, headDim: 32 },
    singles(127, 128, 129, 255, 256, 257, 1000),
    undefined,
    'activations',
  ),
  attentionCase({ heads: 16, kvHeads: 16, headDim: 16 }, singles(255, 256, 257, 513), undefined, 'activations'),
  attentionCase({ heads: 2, kvHeads: 1, headDim: 16 }, singles(4097), undefined, 'activations'),
  ...[1, 15, 16, 64, 100].map(window => {
    return attentionCase(
      { heads: 4, kvHeads: 2, headDim: 32 },
      [...singles(1, 90, 400), ...MIXED],
      window,
      'activations',
    )
  }),
  // Prompts in pieces: tiles begin at any position.
  attentionCase(
    { heads: 2, kvHeads: 2, headDim: 64 },
    [
      { cached: 0, queries: 64 },
      { cached: 64, queries: 65 },
      { cached: 63, queries: 2 },
      { cached: 17, queries: 200 },
    ],
    undefined,
    'activations',
  ),
  ...[16, 64, 80, 128, 256].map(headDim => {
    return attentionCase({ heads: 4, kvHeads: 2, headDim }, MIXED, undefined, 'fp8')
  }),
  attentionCase({ heads: 8, kvHeads: 1, headDim: 128 }, [...singles(300), ...MIXED], 70, 'fp8'),
  attentionCase({ heads: 2, kvHeads: 1, headDim: 40 }, MIXED, undefined, 'fp8'),
  attentionCase({ heads: 2, kvHeads: 1, headDim: 64 }, MIXED, undefined, 'f16'),
]
