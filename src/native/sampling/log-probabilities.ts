import type { SampledRow } from './row.ts'

/** ln of a probability, by logit, of the distribution over the numbers of a row. */
type LogProbability = (logit: number) => number

/** ln (exp(logit) / Σ exp(logits)); NaN is left out of the sum. */
function logProbability(logits: Float32Array): LogProbability {
  let max = Number.NEGATIVE_INFINITY
  for (let i = 0; i < logits.length; i++) if (logits[i]! > max) max = logits[i]!
  // Of infinite logits the difference is no number.
  const belowMax: LogProbability = logit => (logit === max ? 0 : logit - max)
  let sum = 0
  for (let i = 0; i < logits.length; i++) if (!Number.isNaN(logits[i]!)) sum += Math.exp(belowMax(logits[i]!))
  const logSum = Math.log(sum)
  return logit => belowMax(logit) - logSum
}

/** The `count` likeliest ids with their log-probabilities, likeliest first, lower ids first among equals. */
function likeliest(logits: Float32Array, count: number, logprob: LogProbability): SampledRow['top'] {
  const ids: number[] = []
  for (let id = 0; id < logits.length && count > 0; id++) {
    const value = logits[id]!
    if (Number.isNaN(value) || (ids.length === count && value <= logits[ids[count - 1]!]!)) continue
    let place = ids.length
    while (place > 0 && value > logits[ids[place - 1]!]!) place--
    ids.splice(place, 0, id)
    if (ids.length > count) ids.pop()
  }
  return ids.map(id => [id, logprob(logits[id]!)] as const)
}

/** What the model itself thought of `chosen`, and of the `count` likeliest tokens; `logits` `[vocab]` untouched by sampling. */
export function logProbabilities(
  logits: Float32Array,
  chosen: number,
  count: number,
): Pick<SampledRow, 'logprob' | 'top'> {
  const logprob = logProbability(logits)
  return { logprob: logprob(logits[chosen]!), top: likeliest(logits, count, logprob) }
}
