import type { HeadShape } from '../../device.ts'
import { Inputs, stepOf } from '../case-inputs.ts'
import { type DeviceCase, ULP } from '../device-case.ts'

function ropeCase(shape: HeadShape, type: CacheType, normed: boolean): DeviceCase {
  const { heads, kvHeads, headDim } = shape
  return {
    name: `ropeAndCache ${type} ${heads}/${kvHeads} heads of ${headDim}${normed ? ', q and k normed' : ''}`,
    tolerance: ULP[type],
    needs: type,
    run(device, seed) {
      const inputs = new Inputs(device, seed)
      const step = stepOf(
        inputs,
        [0, 5, 14].map(cached => ({ cached, queries: 3 })),
      )
      const kv = inputs.cache(step.blocks, kvHeads, headDim, type)
      const angles = Array.from({ length: 20 * (headDim / 2) }, () => inputs.uniform() * 7)
      const [cos, sin] = [Math.cos, Math.sin].map(function_ => {
        const table = device.allocate([20, headDim / 2], 'f32', 'weights')
        device.upload(table, Float32Array.from(angles, function_))
        return table
      })
      const qkv = inputs.filled([9, (heads + 2 * kvHeads) * headDim])
      const qkNorm = { q: inputs.vector(headDim), k: inputs.vector(headDim), epsilon: 1e-6, offset: 1 } as const
      device.begin(step)
      device.ropeAndCache(qkv, kv, shape, { cos: cos!, sin: sin! }, normed ? qkNorm : undefined)
      // What is left of k in `qkv` is nobody's.
      const rotated = device.download(qkv)
      const stride = (heads + 2 * kvHeads) * headDim
      for (let at = heads * headDim; at < rotated.length; at += stride) rotated.fill(0, at, at + kvHeads * headDim)
      return [rotated, device.download(kv.k), device.download(kv.v)]
    },
  }
}

type CacheType = keyof typeof ULP

export const ROPE_CASES: readonly DeviceCase[] = [
  ropeCase({ heads: 8, kvHeads: 4, headDim: 32 }, 'f32', false),
  ropeCase({ heads: 4, kvHeads: 4, headDim: 16 }, 'f32', true),
  ropeCase({ heads: 5, kvHeads: 1, headDim: 80 }, 'f32', true),
  ropeCase({ heads: 3, kvHeads: 3, headDim: 8 }, 'bf16', false),
  ropeCase({ heads: 8, kvHeads: 2, headDim: 128 }, 'bf16', true),
  ropeCase({ heads: 32, kvHeads: 32, headDim: 128 }, 'f32', false),
  ropeCase({ heads: 4, kvHeads: 1, headDim: 256 }, 'f16', false),
  ropeCase({ heads: 14, kvHeads: 2, headDim: 64 }, 'f16', true),
  ropeCase({ heads: 8, kvHeads: 4, headDim: 32 }, 'fp8', false),
  ropeCase({ heads: 5, kvHeads: 1, headDim: 80 }, 'fp8', true),
]
