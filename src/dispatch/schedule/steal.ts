import type { Distribution } from './distribution.ts'
import { Line } from './line.ts'

/**
 * Each rank has a part of the file, jobs that follow each other, as neighbours often begin alike and so find each other's
 * prefix in the rank's cache; but as results are written in the file's order, those of all parts but the first wait for it, in
 * memory. Whoever is through with its own takes from the end of the longest line, farthest from where its
 * owner works.
 *
 * One job at a time: all lines lie at rank 0, so that taking half of one would save no message, and would have the thief hoard
 * what others might be rid of sooner. The end of the run is shared out as finely as by pull.
 */
export class Steal implements Distribution {
  readonly #lines: ReadonlyMap<number, Line>
  readonly #returned = new Line()

  constructor(jobs: readonly number[], ranks: readonly number[]) {
    const place = (i: number) => Math.floor((jobs.length * i) / ranks.length)
    this.#lines = new Map(ranks.map((rank, i) => [rank, new Line(jobs.slice(place(i), place(i + 1)))]))
  }

  take(rank: number): number | undefined {
    return this.#returned.takeFirst() ?? this.#lines.get(rank)?.takeFirst() ?? this.#longest()?.takeLast()
  }

  putBack(jobs: readonly number[]): void {
    this.#returned.putBack(jobs)
  }

  /** Its line stays and is stolen from; what is left when the rank returns is its own again. */
  lost(): void {}

  returned(): void {}

  #longest(): Line | undefined {
    let longest: Line | undefined
    for (const line of this.#lines.values()) if (line.length > (longest?.length ?? 0)) longest = line
    return longest
  }
}
