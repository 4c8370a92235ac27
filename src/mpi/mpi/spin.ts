/** A little longer than another's shortest sleep takes, however late its timer is. */
const RECOVERY_MS = 3
/** How often a second that is tried in vain: 5 % of a core, where something comes every 3 ms or sooner. */
const MOST_ATTEMPTS = 16
const REFILL_MS = 1000

/**
 * How long to ask without a pause for what comes next.
 *
 * Two ranks that answer each other at once do so within microseconds as long as neither sleeps. Once one has slept, for a moment
 * that something else took its core, the other has gone to sleep until it answers, and so on: each answer then takes a sleep,
 * for ever. So whoever sees an answer come after one sleep waits for the next without sleeping; if that one comes at
 * once, both are awake again. If it does not, after a few attempts, such gaps are what this traffic is like.
 */
export class Spin {
  readonly #usualMs: number
  #attempts = MOST_ATTEMPTS
  #refilledAt = Number.NEGATIVE_INFINITY
  /** Milliseconds of silence. */
  ms: number

  constructor(usualMs: number) {
    this.#usualMs = usualMs
    this.ms = usualMs
  }

  /** Something has come after so long a silence. */
  happened(silentMs: number, now: number): void {
    const atOnce = silentMs < this.#usualMs
    if (atOnce || now - this.#refilledAt >= REFILL_MS) {
      this.#attempts = MOST_ATTEMPTS
      this.#refilledAt = now
    }
    // Turned off, it stays so.
    const hopes = !atOnce && silentMs < RECOVERY_MS && this.#attempts > 0 && this.#usualMs > 0
    if (hopes) this.#attempts--
    this.ms = hopes ? Math.max(RECOVERY_MS, this.#usualMs) : this.#usualMs
  }
}
