import type { Timeline } from '../../engine/index.ts'

/** Entries; an answer of more events has the rest of them in its last. Two numbers each: some MiB as JSON at most. */
const MAX_ENTRIES = 2 ** 16

/** Keeps when a request got how far, where somebody wants to know: the {@link Timeline} of its answer. */
export class RequestTimeline {
  #queuedAt = 0
  #admittedAt = 0
  #waitedMs = Number.POSITIVE_INFINITY
  readonly #tokensAt: number[] = []
  readonly #tokens: number[] = []

  /** @param arrivedAt when the request's head had arrived, by `performance.now()` */
  constructor(
    private readonly arrivedAt: number,
    private readonly maxEntries = MAX_ENTRIES,
  ) {}

  queued(): void {
    this.#queuedAt = performance.now()
  }

  admitted(): void {
    this.#admittedAt = performance.now()
  }

  /** The engine began with a prompt so long after it had got it. Of several prompts the first counts. */
  began(queuedMs: number): void {
    this.#waitedMs = Math.min(this.#waitedMs, queuedMs)
  }

  tokens(now: number, count: number): void {
    const last = this.#tokens.length - 1
    if (last + 1 < this.maxEntries) {
      this.#tokensAt.push(now)
      this.#tokens.push(count)
    } else {
      this.#tokensAt[last] = now
      this.#tokens[last]! += count
    }
  }

  /** Once all of the answer but this is written. */
  end(): Timeline {
    const endedAt = performance.now()
    // The engine has a clock of its own: the order holds all the same.
    const began = this.#admittedAt + Math.max(0, this.#waitedMs)
    const startedAt = Math.min(began, this.#tokensAt[0] ?? endedAt)
    return {
      queuedAt: this.#sinceArrival(this.#queuedAt),
      admittedAt: this.#sinceArrival(this.#admittedAt),
      startedAt: this.#sinceArrival(startedAt),
      tokensAt: this.#tokensAt.map(at => this.#sinceArrival(at)),
      tokens: this.#tokens,
      endedAt: this.#sinceArrival(endedAt),
    }
  }

  /** To a µs: more digits would say more than the clock does. */
  #sinceArrival(at: number): number {
    return Math.round((at - this.arrivedAt) * 1000) / 1000
  }
}
