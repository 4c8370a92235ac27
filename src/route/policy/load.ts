import type { Candidate } from '../upstream.ts'

/** Tokens that a request is taken to stand for where nothing here tells how large requests are. */
const TOKENS_PER_REQUEST = 256
/** A pace is believed to be so many times the others' at most, or so small a part: one reading shuts nobody out. */
const MOST_APART = 4

/**
 * How much stands before a new request at each candidate, in tokens at the candidates' mean pace and a weight of 1.
 *
 * The pace is that of one request among those in flight, not of all together: what an engine makes in all grows with what
 * it is given, so by that one with ten requests and one with a single one would look alike.
 *
 * @example
 * loadsOf([{ name: 'a', weight: 2, requests: 1, tokens: 100, elsewhere: 0, tokensPerSecond: undefined }]) // [50]
 */
export function loadsOf(candidates: readonly Candidate[]): number[] {
  let known = 0
  let sum = 0
  for (const candidate of candidates) {
    const pace = paceOf(candidate)
    if (pace === undefined) continue
    known++
    sum += pace
  }
  const mean = known > 0 ? sum / known : 0
  return candidates.map(candidate => {
    const pace = paceOf(candidate)
    // Without a pace of its own, it is as quick as the others.
    const quickness = pace === undefined || mean === 0 ? 1 : pace / mean
    const bounded = Math.min(MOST_APART, Math.max(1 / MOST_APART, quickness))
    return (candidate.tokens + tokensElsewhere(candidate)) / (candidate.weight * bounded)
  })
}

/** The place of the least; of equals, the first by name, so that a choice does not depend on the order they are told in. */
export function leastOf(candidates: readonly Candidate[], loads: readonly number[]): number {
  let least = 0
  for (let i = 1; i < candidates.length; i++) {
    const less = loads[i]! - loads[least]!
    if (less < 0 || (less === 0 && candidates[i]!.name < candidates[least]!.name)) least = i
  }
  return least
}

function paceOf({ requests, tokensPerSecond }: Candidate): number | undefined {
  return requests > 0 && tokensPerSecond !== undefined ? tokensPerSecond / requests : undefined
}

/** Others' requests are taken to be as large as ours. */
function tokensElsewhere({ requests, tokens, elsewhere }: Candidate): number {
  return elsewhere * (requests > 0 ? tokens / requests : TOKENS_PER_REQUEST)
}
