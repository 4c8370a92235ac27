const MINUTE_MS = 60_000
/** Tokens that may seem to be missing where none is. */
const ROUNDING = 1e-6

/** Tokens for a minute's use, refilled evenly; full at first. It may be overdrawn, and is then refilled from below 0. */
export class TokenBucket {
  #level: number
  #filledAt: number

  constructor(
    private perMinute: number,
    now: number,
  ) {
    this.#level = perMinute
    this.#filledAt = now
  }

  /** Goes on at another pace. */
  resize(perMinute: number, now: number): void {
    this.#fill(now)
    this.perMinute = perMinute
    this.#level = Math.min(this.#level, perMinute)
  }

  /** Milliseconds until `tokens` may be taken; what is larger than the bucket may be taken when that is full. */
  waitMs(tokens: number, now: number): number {
    this.#fill(now)
    const missing = Math.min(tokens, this.perMinute) - this.#level
    return missing <= ROUNDING ? 0 : Math.ceil(((missing - ROUNDING) * MINUTE_MS) / this.perMinute)
  }

  isFull(now: number): boolean {
    return this.waitMs(this.perMinute, now) === 0
  }

  take(tokens: number, now: number): void {
    this.#fill(now)
    this.#level -= tokens
  }

  giveBack(tokens: number, now: number): void {
    this.#fill(now)
    this.#level = Math.min(this.#level + tokens, this.perMinute)
  }

  #fill(now: number): void {
    this.#level = Math.min(this.#level + ((now - this.#filledAt) * this.perMinute) / MINUTE_MS, this.perMinute)
    this.#filledAt = now
  }
}
