import { BLOCK_SIZE } from '../../device.ts'

/**
 * One query head over its cached keys and values (Vaswani et al. 2017), the positions `first … last`:
 *
 *     out = Σ_p softmax_p(scale · q · k[p]) · v[p]
 *
 * @param out - `headDim` values from `outAt` on
 * @param q - `headDim` values from `qAt` on
 * @param k - `[blocks, BLOCK_SIZE, kvHeads, headDim]`, like `v`
 * @param blocks - `[…]`: the sequence's block ids in order of position
 */
export function attend(
  out: Float32Array,
  outAt: number,
  q: Float32Array,
  qAt: number,
  k: Float32Array,
  v: Float32Array,
  blocks: Int32Array,
  kvHeads: number,
  kvHead: number,
  headDim: number,
  first: number,
  last: number,
  scale: number,
): void {
  const at = (position: number) => {
    const slot = blocks[Math.floor(position / BLOCK_SIZE)]! * BLOCK_SIZE + (position % BLOCK_SIZE)
    return (slot * kvHeads + kvHead) * headDim
  }
  const weights = new Float64Array(last - first + 1)
  let largest = Number.NEGATIVE_INFINITY
  for (let p = first; p <= last; p++) {
    let score = 0
    for (let i = 0; i < headDim; i++) score += q[qAt + i]! * k[at(p) + i]!
    weights[p - first] = score * scale
    largest = Math.max(largest, score * scale)
  }
  let total = 0
  for (let i = 0; i < weights.length; i++) {
    weights[i] = Math.exp(weights[i]! - largest)
    total += weights[i]!
  }
  for (let i = 0; i < headDim; i++) {
    let sum = 0
    for (let p = first; p <= last; p++) sum += weights[p - first]! * v[at(p) + i]!
    out[outAt + i] = sum / total
  }
}
