import type { JobResult } from '../job-result.ts'
import { Tally } from './tally.ts'

/** Rank 0's own books: a tally of each rank that gave results. Forty bytes a result; text is not kept. */
export class Books {
  readonly #tallies = new Map<number, Tally>()

  add(result: JobResult): void {
    this.of(result.rank).add(result)
  }

  /** Of a rank; empty where it gave none. */
  of(rank: number): Tally {
    const tally = this.#tallies.get(rank) ?? new Tally()
    this.#tallies.set(rank, tally)
    return tally
  }

  all(): Tally {
    const all = new Tally()
    for (const tally of this.#tallies.values()) all.merge(tally)
    return all
  }
}
