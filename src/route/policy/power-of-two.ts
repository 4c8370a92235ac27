import type { Candidate } from '../upstream.ts'
import { loadsOf } from './load.ts'
import type { Choice, Policy } from './policy.ts'

/**
 * Two by chance, in proportion to weight; of these the less loaded. Nearly as even as the least loaded of all, and several
 * routers do not rush at the same one (Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001).
 */
export class PowerOfTwo implements Policy {
  readonly name = 'power-of-two'

  choose(candidates: readonly Candidate[], _ask: unknown, random: () => number): Choice {
    if (candidates.length === 1) return { candidate: candidates[0]!, reason: 'only' }
    const loads = loadsOf(candidates)
    const first = drawn(candidates, random())
    const second = drawn(candidates, random(), first)
    return { candidate: candidates[loads[second]! < loads[first]! ? second : first]!, reason: 'load' }
  }
}

/** The place of one that is not `but`, by its share of the weight; `share` in 0…1. */
function drawn(candidates: readonly Candidate[], share: number, but = -1): number {
  let total = 0
  for (let i = 0; i < candidates.length; i++) if (i !== but) total += candidates[i]!.weight
  let left = share * total
  let last = -1
  for (let i = 0; i < candidates.length; i++) {
    if (i === but) continue
    last = i
    left -= candidates[i]!.weight
    if (left < 0) break
  }
  return last
}
