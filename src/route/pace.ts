import { DecayingRate } from '../admission/index.ts'

/** What of the past counts, in ms of work. */
const WINDOW_MS = 10_000

/** The tokens that an engine makes in a second, all requests together, while it has any: idle, it is not slow. */
export class Pace {
  readonly #rate = new DecayingRate(WINDOW_MS, 0)
  #busyMs = 0
  /** Since when it works. */
  #since: number | undefined
  #isKnown = false

  /** From now on it has requests, or has none. */
  busy(is: boolean, now: number): void {
    this.#busyMs = this.#time(now)
    this.#since = is ? now : undefined
  }

  add(tokens: number): void {
    this.#isKnown = true
    this.#rate.add(tokens)
  }

  /** Undefined before the first token. */
  perSecond(now: number): number | undefined {
    return this.#isKnown ? this.#rate.perMs(this.#time(now)) * 1000 : undefined
  }

  #time(now: number): number {
    return this.#since === undefined ? this.#busyMs : this.#busyMs + now - this.#since
  }
}
