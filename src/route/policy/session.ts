import type { Candidate } from '../upstream.ts'
import { HashRing, hashOf } from './hash-ring.ts'
import type { Ask, Choice, Policy } from './policy.ts'
import { PowerOfTwo } from './power-of-two.ts'

/**
 * A session's requests go to one engine, where its earlier turns are cached; to the next on the ring while that one has
 * far more than its share. Keeps nothing of sessions, so several routers agree. Without a session, power of two.
 */
export class Session implements Policy {
  readonly name = 'session'
  readonly #ring = new HashRing()
  readonly #others = new PowerOfTwo()

  choose(candidates: readonly Candidate[], ask: Ask, random: () => number): Choice {
    if (ask.session === undefined) return this.#others.choose(candidates, ask, random)
    const { member, own } = this.#ring.place(candidates, hashOf(ask.session))
    return { candidate: member, reason: own ? 'session' : 'load' }
  }

  forget(name: string): void {
    this.#ring.delete(name)
  }
}
