import type { TensorInfo, TensorSource } from '../../formats/index.ts'
import type { ModelConfig } from './config.ts'
import { flatten, planWeights } from './weight-plan.ts'

/** As most models are initialised. */
const DEVIATION = 0.02

/**
 * Weights of a model that was never trained, for measurements: norms that pass their input through, and all else
 * uniform with a standard deviation of 0.02. A value depends on the seed, its tensor's name and its place alone.
 */
export function randomWeights(config: ModelConfig, seed: number): TensorSource {
  const tensors = new Map<string, TensorInfo>()
  for (const { parts } of flatten(planWeights(config))) {
    for (const { name, shape } of parts) {
      tensors.set(name, { dtype: 'F32', shape, bytes: 4 * shape.reduce((product, size) => product * size, 1) })
    }
  }
  return {
    path: 'random weights',
    tensors,
    read(name, first = 0, count = tensors.get(name)!.bytes / 4 - first, into = new Float32Array(count)) {
      const values = into.subarray(0, count)
      if (name.endsWith('norm.weight')) return values.fill(1 - config.norm.offset)
      const key = mix(hash(name) ^ mix(seed))
      const scale = (DEVIATION * Math.sqrt(12)) / 2 ** 32
      for (let i = 0; i < count; i++) values[i] = mix(key + first + i) * scale
      return values
    },
    [Symbol.dispose]() {},
  }
}

/** MurmurHash3's finaliser: 32 bits, all of which depend on all of the input's. As a signed integer. */
function mix(x: number): number {
  let h = x | 0
  h = Math.imul(h ^ (h >>> 16), 0x85eb_ca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2_ae35)
  return h ^ (h >>> 16)
}

function hash(text: string): number {
  let h = 0
  for (let i = 0; i < text.length; i++) h = mix(h + text.charCodeAt(i))
  return h
}
