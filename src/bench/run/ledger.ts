import type { Arrivals } from '../record/arrivals.ts'
import { type Ended, type RecordColumns, RecordWriter } from '../record/record-columns.ts'

/** What a client has done so far; all since the run's start. */
export interface Counts {
  readonly completed: number
  readonly failed: number
  /** That arrived, of requests that are not over as well. */
  readonly tokens: number
  /** First tokens, and the sum of how long after their due times they came, in ms. */
  readonly firsts: number
  readonly firstsMs: number
}

/** A client's books: what became of its requests, until the run's own process takes them. */
export class Ledger {
  tokens = 0
  readonly #writer = new RecordWriter()
  #completed = 0
  #failed = 0
  #firsts = 0
  #firstsMs = 0

  add(ended: Ended, arrivals: Arrivals): void {
    if (ended.outcome === 'ok') this.#completed++
    // What the run's own end cuts off is nobody's failure.
    else if (ended.outcome !== 'aborted') this.#failed++
    this.#writer.add(ended, arrivals)
  }

  /** A request's first text came so long after it was due. */
  sawFirst(ms: number): void {
    this.#firsts++
    this.#firstsMs += ms
  }

  counts(): Counts {
    return {
      completed: this.#completed,
      failed: this.#failed,
      tokens: this.tokens,
      firsts: this.#firsts,
      firstsMs: this.#firstsMs,
    }
  }

  take(): RecordColumns {
    return this.#writer.take()
  }
}
