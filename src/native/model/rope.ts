import type { Llama3Rope, RopeConfig, YarnRope } from './config.ts'

/**
 * Radians that each pair `(i, i + headDim/2)` turns per position: `[headDim/2]`.
 *
 * Su et al. 2021, section 3.2.2: ω_i = θ^(−2i/headDim). What the other types change about ω_i is with them below.
 * Rounded to f32, as the models were trained and as transformers computes them.
 */
export function inverseFrequencies(rope: RopeConfig, headDim: number): Float32Array {
  const frequencies = Float32Array.from(
    { length: headDim / 2 },
    (_, i) => rope.theta ** -Math.fround((2 * i) / headDim),
  )
  switch (rope.type) {
    case 'default':
      return frequencies
    case 'linear':
      // Chen et al. 2023, "Extending context window of large language models via positional interpolation".
      return frequencies.map(frequency => frequency / rope.factor)
    case 'llama3':
      return frequencies.map(frequency => llama3(frequency, rope))
    case 'yarn':
      return yarn(frequencies, rope, headDim)
  }
}

/** Multiplies cosine and sine. */
export function attentionFactor(rope: RopeConfig): number {
  return rope.type === 'yarn' ? rope.attentionFactor : 1
}

/** Cosines and sines of the first `positions` positions: `[positions, headDim/2]` each. */
export function ropeTables(
  rope: RopeConfig,
  headDim: number,
  positions: number,
): { cos: Float32Array; sin: Float32Array } {
  const frequencies = inverseFrequencies(rope, headDim)
  const factor = attentionFactor(rope)
  const half = headDim / 2
  const cos = new Float32Array(positions * half)
  const sin = new Float32Array(positions * half)
  for (let position = 0; position < positions; position++) {
    for (let i = 0; i < half; i++) {
      // The angle is rounded to f32 too: at position 100 000 that is felt, and the models know it no other way.
      const angle = Math.fround(position * frequencies[i]!)
      cos[position * half + i] = Math.cos(angle) * factor
      sin[position * half + i] = Math.sin(angle) * factor
    }
  }
  return { cos, sin }
}

/**
 * Llama 3.1's scaling (`apply_scaling` in meta-llama/llama-models): wavelengths past the original context / low are
 * divided by the factor, those within original context / high stay, and what lies between is interpolated.
 */
function llama3(frequency: number, rope: Llama3Rope): number {
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalContext } = rope
  const wavelength = (2 * Math.PI) / frequency
  if (wavelength < originalContext / high) return frequency
  if (wavelength > originalContext / low) return frequency / factor
  const smooth = (originalContext / wavelength - low) / (high - low)
  return (1 - smooth) * (frequency / factor) + smooth * frequency
}

/**
 * Peng et al. 2023, "YaRN", section 3.2 "NTK-by-parts": dimensions that turn more than β_fast times over the original
 * context stay, those that turn fewer than β_slow times are divided by the factor, with a linear ramp between.
 */
function yarn(frequencies: Float32Array, rope: YarnRope, headDim: number): Float32Array {
  /** The dimension that turns `rotations` times. */
  const dimension = (rotations: number): number =>
    (headDim * Math.log(rope.originalContext / (rotations * 2 * Math.PI))) / (2 * Math.log(rope.theta))
  const [first, last] = [dimension(rope.betaFast), dimension(rope.betaSlow)]
  const low = Math.max(rope.truncate ? Math.floor(first) : first, 0)
  const high = Math.min(rope.truncate ? Math.ceil(last) : last, headDim - 1)
  const width = high === low ? 0.001 : high - low
  return frequencies.map((frequency, i) => {
    const interpolated = Math.min(Math.max((i - low) / width, 0), 1)
    return (frequency / rope.factor) * interpolated + frequency * (1 - interpolated)
  })
}
