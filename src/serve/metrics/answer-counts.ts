import type { Route } from '../routes/route.ts'

/** HTTP has no higher ones. */
const STATUSES = 600

export interface AnswerCount {
  /** Undefined where no route was found. */
  readonly route: Route | undefined
  readonly status: number
  readonly count: number
}

/** How often each route answered with each status: as many counters as the table of routes allows, whatever is asked. */
export class AnswerCounts {
  readonly #routes = new Map<Route | undefined, Float64Array>()

  count(route: Route | undefined, status: number): void {
    let counts = this.#routes.get(route)
    if (counts === undefined) {
      counts = new Float64Array(STATUSES)
      this.#routes.set(route, counts)
    }
    counts[status]!++
  }

  *[Symbol.iterator](): Iterator<AnswerCount> {
    for (const [route, counts] of this.#routes)
      for (let status = 0; status < STATUSES; status++)
        if (counts[status]! > 0) yield { route, status, count: counts[status]! }
  }
}
