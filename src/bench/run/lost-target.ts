import type { RequestRecord } from '../record/request-record.ts'

/** So many requests in a row, over so many ms, must have failed for want of a target before it counts as lost. */
const FAILURES = 10
const SILENCE_MS = 3000

/** What a target that is there, and takes requests like these, may answer under load. */
const TRANSIENT: ReadonlySet<RequestRecord['outcome']> = new Set(['overloaded', 'deadline_exceeded', 'aborted'])

/** Tells when to go on makes no sense: nothing succeeds any more, and not because there is too much of it. */
export class LostTarget {
  #failures = 0
  #lastGoodMs = 0
  #lastError = ''

  /** In the order of their ends, or nearly. */
  see(records: readonly RequestRecord[]): void {
    for (const { outcome, endMs, error } of records) {
      if (outcome === 'ok' || TRANSIENT.has(outcome)) {
        this.#failures = 0
        this.#lastGoodMs = Math.max(this.#lastGoodMs, endMs)
      } else {
        this.#failures++
        this.#lastError = error ?? outcome
      }
    }
  }

  /** What to say about it; undefined as long as it is not lost. */
  verdict(nowMs: number): string | undefined {
    if (this.#failures < FAILURES || nowMs - this.#lastGoodMs < SILENCE_MS) return undefined
    return `the last ${this.#failures} requests failed: ${this.#lastError}`
  }
}
