/** The tokens that may be drawn: ids ascending, with weights proportional to their probabilities. */
export interface Candidates {
  readonly ids: Uint32Array
  readonly weights: Float64Array
}

export interface Truncation {
  readonly temperature: number
  readonly topK: number
  readonly topP: number
  readonly minP: number
}

/** The value that the `k` greatest of `values` reach; −∞ where there are fewer, NaN not being a value. */
function kthGreatest(values: Float32Array, k: number): number {
  const numbers = values.filter(value => !Number.isNaN(value)).sort()
  return numbers[numbers.length - k] ?? Number.NEGATIVE_INFINITY
}

/**
 * The `k` greatest values survive (and whatever equals the least of them). A row of a large vocabulary is first cut to
 * what exceeds a sampled bound, as sorting all of it would cost more than the model's last layer.
 */
function topKThreshold(logits: Float32Array, k: number): number {
  if (k === 0 || k >= logits.length) return Number.NEGATIVE_INFINITY
  const stride = 64
  const sample = new Float32Array(Math.ceil(logits.length / stride))
  for (let i = 0; i < sample.length; i++) sample[i] = logits[i * stride]!
  const bound = k < sample.length ? kthGreatest(sample, k) : Number.NEGATIVE_INFINITY
  // At least k values reach the bound: k of the sampled ones do.
  const survivors = logits.filter(logit => logit >= bound)
  return kthGreatest(survivors, k)
}

/**
 * The least weight that still belongs to the nucleus, and how many of that weight do (ties go to lower ids).
 * Weights under (1 − p)·total/n sum to less than (1 − p)·total, so they are never in it and need not be sorted.
 */
function nucleus(weights: Float64Array, topP: number): { threshold: number; ties: number } {
  let total = 0
  for (let i = 0; i < weights.length; i++) total += weights[i]!
  const negligible = ((1 - topP) * total) / weights.length
  const sorted = weights.filter(weight => weight >= negligible).sort()
  let sum = 0
  let ties = 0
  for (let i = sorted.length - 1; i >= 0; i--) {
    ties = i + 1 < sorted.length && sorted[i] === sorted[i + 1] ? ties + 1 : 1
    sum += sorted[i]!
    if (sum >= topP * total || i === 0) return { threshold: sorted[i]!, ties }
  }
  return { threshold: 0, ties: weights.length }
}

/** Temperature, then top-k, then top-p, then min-p over `logits` `[vocab]`; temperature is above 0. */
export function candidates(logits: Float32Array, { temperature, topK, topP, minP }: Truncation): Candidates {
  const threshold = topKThreshold(logits, topK)
  let max = Number.NEGATIVE_INFINITY
  let count = 0
  for (let i = 0; i < logits.length; i++) {
    if (logits[i]! > max) max = logits[i]!
    if (logits[i]! >= threshold && logits[i]! > Number.NEGATIVE_INFINITY) count++
  }
  const ids = new Uint32Array(count)
  const weights = new Float64Array(count)
  for (let i = 0, at = 0; i < logits.length; i++) {
    const logit = logits[i]!
    if (!(logit >= threshold) || logit === Number.NEGATIVE_INFINITY) continue
    ids[at] = i
    // Of infinite logits the difference is no number.
    weights[at++] = logit === max ? 1 : Math.exp((logit - max) / temperature)
  }
  return minP > 0 || topP < 1 ? truncate({ ids, weights }, topP, minP) : { ids, weights }
}

/** Weights are relative to the likeliest token's, which is 1: so is min-p's bound. */
function truncate(all: Candidates, topP: number, minP: number): Candidates {
  const { threshold, ties } = topP < 1 ? nucleus(all.weights, topP) : { threshold: 0, ties: Number.POSITIVE_INFINITY }
  let equal = 0
  const kept: number[] = []
  for (let i = 0; i < all.weights.length; i++) {
    const weight = all.weights[i]!
    if (weight < minP || weight < threshold || (weight === threshold && ++equal > ties)) continue
    kept.push(i)
  }
  return {
    ids: Uint32Array.from(kept, i => all.ids[i]!),
    weights: Float64Array.from(kept, i => all.weights[i]!),
  }
}
