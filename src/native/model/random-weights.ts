import type { TensorInfo, TensorSource } from '../../formats/index.ts'
import { mix, randomValues } from '../device/random-values.ts'
import type { ModelConfig } from './config.ts'
import { flatten, planWeights } from './weight-plan.ts'

/** As most models are initialised. */
const DEVIATION = 0.02

/** A source whose tensors a device can make by itself. */
export interface RandomSource extends TensorSource {
  /** What {@link randomValues} makes a tensor from; undefined for those that are not random. */
  random(name: string): { readonly key: number; readonly scale: number } | undefined
}

/** One value's step: those of `mix` are uniform over 2³² integers, whose deviation is 2³² / √12. */
const SCALE = (DEVIATION * Math.sqrt(12)) / 2 ** 32

/**
 * Weights of a model that was never trained, for measurements: norms that pass their input through, and all else
 * uniform with a standard deviation of 0.02. A value depends on the seed, its tensor's name and its place alone: the key
 * of a tensor is `mix(h ^ mix(seed))`, where h starts as 0 and becomes `mix(h + c)` for every character c of the name.
 */
export function randomWeights(config: ModelConfig, seed: number): RandomSource {
  const tensors = new Map<string, TensorInfo>()
  for (const { parts } of flatten(planWeights(config))) {
    for (const { name, shape } of parts) {
      tensors.set(name, { dtype: 'F32', shape, bytes: 4 * shape.reduce((product, size) => product * size, 1) })
    }
  }
  const random = (name: string) =>
    name.endsWith('norm.weight') ? undefined : { key: mix(hash(name) ^ mix(seed)), scale: SCALE }
  return {
    path: 'random weights',
    tensors,
    read(name, first = 0, count = tensors.get(name)!.bytes / 4 - first, into = new Float32Array(count)) {
      const values = into.subarray(0, count)
      const made = random(name)
      if (made === undefined) return values.fill(1 - config.norm.offset)
      randomValues(values, first, made.key, made.scale)
      return values
    },
    random,
    [Symbol.dispose]() {},
  }
}

function hash(text: string): number {
  let h = 0
  for (let i = 0; i < text.length; i++) h = mix(h + text.charCodeAt(i))
  return h
}
