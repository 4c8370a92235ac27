import type { Candidate } from '../upstream.ts'
import { leastOf, loadsOf } from './load.ts'
import type { Choice, Policy } from './policy.ts'

/** The one with the least before it. Best where this router alone sends requests; several would all pick the same one. */
export class LeastLoaded implements Policy {
  readonly name = 'least-loaded'

  choose(candidates: readonly Candidate[]): Choice {
    return { candidate: candidates[leastOf(candidates, loadsOf(candidates))]!, reason: 'load' }
  }
}
