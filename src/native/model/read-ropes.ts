import { JsonFields, quote } from '../../formats/index.ts'
import type { LayerType, RopeConfig } from './config.ts'

const THETA = { min: 2, max: 1e12 }
const FACTOR = { min: 1, max: 1e6 }
const POSITIVE = { min: 1e-6, max: 1e6 }
const POSITIONS = { min: 1, max: 1 << 24 }

/**
 * The rotations of a model's layers, from `rope_parameters` (transformers 5; one object, or one for each type of
 * layer) or from `rope_theta`, `rope_scaling` and `rope_local_base_freq` (before).
 *
 * @param local - sliding layers have a rotation of their own even where one object is given
 */
export function readRopes(
  fields: JsonFields,
  local: boolean,
  contextLength: number,
): { ropes: readonly RopeConfig[]; ropeOf: (type: LayerType) => number } {
  const given = fields.child('rope_parameters')
  const perType = given !== undefined && (given.has('full_attention') || given.has('sliding_attention'))
  const none = new JsonFields(fields.path, {}, `${fields.prefix}rope_scaling.`)
  const global = fields.number('rope_theta', THETA)
  const full = perType ? given.child('full_attention') : (given ?? fields.child('rope_scaling'))
  const ropes = [readRope(full ?? none, global, contextLength)]
  if (!local && !perType) return { ropes, ropeOf: () => 0 }

  const theta = local ? fields.number('rope_local_base_freq', THETA) : global
  const sliding = perType ? given.child('sliding_attention') : undefined
  ropes.push(readRope(sliding ?? none, theta, contextLength))
  return { ropes, ropeOf: type => (type === 'sliding_attention' ? 1 : 0) }
}

function readRope(fields: JsonFields, defaultTheta: number, contextLength: number): RopeConfig {
  const theta = fields.number('rope_theta', THETA, defaultTheta)
  if (fields.number('partial_rotary_factor', { min: 0, max: 1 }, 1) !== 1) {
    fields.fail('partial_rotary_factor', 'is not 1; this build rotates whole heads')
  }
  const type = fields.string('rope_type', fields.string('type', 'default'))
  const originalContext = (): number => fields.integer('original_max_position_embeddings', POSITIONS, contextLength)
  switch (type) {
    case 'default':
      return { type, theta }
    case 'linear':
      return { type, theta, factor: fields.number('factor', FACTOR) }
    case 'llama3': {
      const lowFrequencyFactor = fields.number('low_freq_factor', POSITIVE)
      const highFrequencyFactor = fields.number('high_freq_factor', POSITIVE)
      if (highFrequencyFactor <= lowFrequencyFactor) {
        fields.fail('high_freq_factor', `is ${highFrequencyFactor}, not above "low_freq_factor"`)
      }
      const factor = fields.number('factor', FACTOR)
      return { type, theta, factor, lowFrequencyFactor, highFrequencyFactor, originalContext: originalContext() }
    }
    case 'yarn': {
      const factor = fields.number('factor', FACTOR, contextLength / originalContext())
      return {
        type,
        theta,
        factor,
        betaFast: fields.number('beta_fast', POSITIVE, 32),
        betaSlow: fields.number('beta_slow', POSITIVE, 1),
        originalContext: originalContext(),
        attentionFactor: fields.number('attention_factor', POSITIVE, yarnAttentionFactor(fields, factor)),
        truncate: fields.boolean('truncate', true),
      }
    }
    default:
      return fields.fail('rope_type', `is ${quote(type)}; this build computes default, linear, llama3 and yarn`)
  }
}

/** Peng et al. 2023, equation 22: √(1/t) = 0.1·ln(s) + 1; with DeepSeek's two weights, where both are given. */
function yarnAttentionFactor(fields: JsonFields, factor: number): number {
  const mscale = (weight: number): number => 0.1 * weight * Math.log(factor) + 1
  const weight = fields.number('mscale', { min: 0, max: 1e3 }, 0)
  const allDim = fields.number('mscale_all_dim', { min: 0, max: 1e3 }, 0)
  return weight > 0 && allDim > 0 ? mscale(weight) / mscale(allDim) : mscale(1)
}
