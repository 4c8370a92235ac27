import { adjust, adjusts } from './adjust.ts'
import { type Candidates, candidates } from './candidates.ts'
import { logProbabilities } from './log-probabilities.ts'
import { uniform } from './philox.ts'
import type { RowSampling, SampledRow } from './row.ts'

/** No token could be chosen: the row held nothing but NaN or −∞. */
export const NONE = -1

function argmax(logits: Float32Array): number {
  let best = NONE
  let max = Number.NEGATIVE_INFINITY
  for (let id = 0; id < logits.length; id++) {
    if (logits[id]! > max) {
      max = logits[id]!
      best = id
    }
  }
  return best
}

/** The first id at which the running sum, in order of ids, exceeds `u` of the whole. */
function draw({ ids, weights }: Candidates, u: number): number {
  let total = 0
  for (let i = 0; i < weights.length; i++) total += weights[i]!
  const target = u * total
  let sum = 0
  for (let i = 0; i < weights.length; i++) {
    sum += weights[i]!
    if (sum > target) return ids[i]!
  }
  return ids.length > 0 ? ids[ids.length - 1]! : NONE
}

/**
 * Chooses a token from `logits` `[vocab]`, which are left as they are. Ties of a greedy choice go to the lower id.
 * The id is {@link NONE} when no logit is a number above −∞.
 */
export function sampleRow(logits: Float32Array, row: RowSampling): SampledRow {
  const adjusted = adjusts(row) ? logits.slice() : logits
  if (adjusted !== logits) adjust(adjusted, row)
  const id = row.temperature === 0 ? argmax(adjusted) : draw(candidates(adjusted, row), uniform(row.key, row.position))
  return row.topLogprobs < 0 || id === NONE
    ? { id, logprob: Number.NaN, top: [] }
    : { id, ...logProbabilities(logits, id, row.topLogprobs) }
}
