import { DecayingRate } from './decaying-rate.ts'

const SHORTEST_WINDOW_MS = 10_000
/** The rate is looked at over so many times what a request takes, as prompts come in bursts. */
const WINDOW = 10
/** Less saturated time than this says more about single steps than about the engine. */
const SHORTEST_MS = 1000

/**
 * Tokens, of prompts and outputs, that the engine gets through when it has as much to do as it can take. So the rate is
 * measured over that time alone in which the engine was full or somebody waited for it, and stands still in between.
 */
export class ServiceRate {
  readonly #rate = new DecayingRate(SHORTEST_WINDOW_MS, 0)
  #saturatedMs = 0
  #saturatedSince: number | undefined

  /** From now on it has enough to do, or has not. */
  saturated(is: boolean, now: number): void {
    if (is === (this.#saturatedSince !== undefined)) return
    if (is) this.#saturatedSince = now
    else {
      this.#saturatedMs = this.#time(now)
      this.#rate.perMs(this.#saturatedMs)
      this.#saturatedSince = undefined
    }
  }

  add(tokens: number): void {
    if (this.#saturatedSince !== undefined) this.#rate.add(tokens)
  }

  /** How long requests take. */
  setServiceMs(ms: number): void {
    this.#rate.windowMs = Math.max(SHORTEST_WINDOW_MS, WINDOW * ms)
  }

  /** Tokens per millisecond; undefined before enough was seen. */
  measured(now: number): number | undefined {
    return this.#time(now) < SHORTEST_MS ? undefined : this.soFar(now)
  }

  /** As {@link measured}, however little was seen; 0 where nothing was. */
  soFar(now: number): number {
    return this.#rate.perMs(this.#time(now))
  }

  #time(now: number): number {
    return this.#saturatedSince === undefined ? this.#saturatedMs : this.#saturatedMs + now - this.#saturatedSince
  }
}
