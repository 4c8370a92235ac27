import type { Distribution } from './distribution.ts'
import { Line } from './line.ts'

/**
 * Job i is for the (i mod n)th rank and waits for it, however slow it is: to compare with, and for ranks that are alike and
 * whose caches should see the same jobs in every run. While a rank is lost, its jobs are dealt to the others.
 */
export class RoundRobin implements Distribution {
  readonly #ranks: readonly number[]
  readonly #lost = new Set<number>()
  readonly #returned = new Line()
  #lines: ReadonlyMap<number, Line> = new Map()

  constructor(jobs: readonly number[], ranks: readonly number[]) {
    this.#ranks = ranks
    this.#deal(jobs)
  }

  take(rank: number): number | undefined {
    return this.#returned.takeFirst() ?? this.#lines.get(rank)?.takeFirst()
  }

  putBack(jobs: readonly number[]): void {
    this.#returned.putBack(jobs)
  }

  lost(rank: number): void {
    this.#lost.add(rank)
    this.#deal(this.#waiting())
  }

  returned(rank: number): void {
    this.#lost.delete(rank)
    this.#deal(this.#waiting())
  }

  /** To whom they belong, and of the lost evenly to those who are left; where none is, they stay. */
  #deal(jobs: readonly number[]): void {
    const there = this.#ranks.filter(rank => !this.#lost.has(rank))
    const hands = new Map<number, number[]>(this.#ranks.map(rank => [rank, []]))
    let next = 0
    for (const job of jobs) {
      const home = this.#ranks[job % this.#ranks.length]!
      const rank = this.#lost.has(home) && there.length > 0 ? there[next++ % there.length]! : home
      hands.get(rank)!.push(job)
    }
    this.#lines = new Map([...hands].map(([rank, hand]) => [rank, new Line(hand)]))
  }

  #waiting(): readonly number[] {
    const jobs: number[] = []
    for (const line of this.#lines.values())
      for (let job = line.takeFirst(); job !== undefined; job = line.takeFirst()) jobs.push(job)
    return jobs.sort((a, b) => a - b)
  }
}
