import type { SampledRow } from './row.ts'

/** ln Σ exp(logits). */
function logSumExp(logits: Float32Array): number {
  let max = Number.NEGATIVE_INFINITY
  for (let i = 0; i < logits.length; i++) if (logits[i]! > max) max = logits[i]!
  let sum = 0
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i]! - max)
  return max + Math.log(sum)
}

/** The `count` likeliest ids with their log-probabilities, likeliest first, lower ids first among equals. */
function likeliest(logits: Float32Array, count: number, normaliser: number): SampledRow['top'] {
  const ids: number[] = []
  for (let id = 0; id < logits.length && count > 0; id++) {
    const value = logits[id]!
    if (ids.length === count && value <= logits[ids[count - 1]!]!) continue
    let place = ids.length
    while (place > 0 && value > logits[ids[place - 1]!]!) place--
    ids.splice(place, 0, id)
    if (ids.length > count) ids.pop()
  }
  return ids.map(id => [id, logits[id]! - normaliser] as const)
}

/** What the model itself thought of `chosen`, and of the `count` likeliest tokens; `logits` `[vocab]` untouched by sampling. */
export function logProbabilities(
  logits: Float32Array,
  chosen: number,
  count: number,
): Pick<SampledRow, 'logprob' | 'top'> {
  const normaliser = logSumExp(logits)
  return { logprob: logits[chosen]! - normaliser, top: likeliest(logits, count, normaliser) }
}
