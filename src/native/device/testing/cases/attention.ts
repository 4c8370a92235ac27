import type { ElementType, HeadShape } from '../../device.ts'
import { type CaseSequence, fillCache, Inputs, stepOf } from '../case-inputs.ts'
import { type DeviceCase, FLOAT } from '../device-case.ts'

function attentionCase(
  shape: HeadShape,
  sequences: readonly CaseSequence[],
  window: number | undefined = undefined,
  type: ElementType = 'f32',
): DeviceCase {
  const { heads, kvHeads, headDim } = shape
  const lengths = sequences.map(({ cached, queries }) => `${queries} after ${cached}`).join(', ')
  const seen = window === undefined ? '' : `, window ${window}`
  return {
    name: `attention ${type} ${heads}/${kvHeads} heads of ${headDim}: ${lengths}${seen}`,
    tolerance: FLOAT,
    needs: type,
    run(device, seed) {
      const inputs = new Inputs(device, seed)
      const step = stepOf(inputs, sequences)
      const count = step.tokens.length
      const kv = inputs.cache(step.blocks, kvHeads, headDim, type)
      fillCache(inputs, kv, step, kvHeads * headDim)
      const qkv = inputs.filled([count, (heads + 2 * kvHeads) * headDim])
      const out = inputs.poisoned([count, heads * headDim])
      device.begin(step)
      device.attention(out, qkv, kv, shape, { scale: 2 / Math.sqrt(headDim), window })
      return [device.download(out)]
    },
  }
}

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
]
