import type { Candidate } from '../upstream.ts'
import type { Choice, Policy } from './policy.ts'

/**
 * Each in turn, in proportion to weight and spread evenly: of weights 5, 1, 1 it makes a a b a c a a. The algorithm is
 * nginx's smooth weighted round robin. It knows nothing of load: to compare others with.
 */
export class RoundRobin implements Policy {
  readonly name = 'round-robin'
  /** What each is owed; the most is chosen, and pays the sum of all weights. */
  readonly #owed = new Map<string, number>()

  choose(candidates: readonly Candidate[]): Choice {
    let total = 0
    let chosen = candidates[0]!
    let most = Number.NEGATIVE_INFINITY
    for (const candidate of candidates) {
      const owed = (this.#owed.get(candidate.name) ?? 0) + candidate.weight
      this.#owed.set(candidate.name, owed)
      total += candidate.weight
      if (owed <= most) continue
      most = owed
      chosen = candidate
    }
    this.#owed.set(chosen.name, most - total)
    return { candidate: chosen, reason: 'turn' }
  }

  forget(name: string): void {
    this.#owed.delete(name)
  }
}
