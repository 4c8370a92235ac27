import type { Clock } from '../../clock/index.ts'

/** Between two looks at the most, in ms. */
const MOST_MS = 250

/** One alarm for all requests, not one for each token: it looks at them again and again while there are any. */
export class Watch {
  readonly #everyMs: number
  #cancel: (() => void) | undefined

  /** `limits`: the times that it is to notice, in ms; each is noticed at most a quarter of itself too late. */
  constructor(
    private readonly clock: Clock,
    limits: readonly number[],
    /** Whether there is still something to look at. */
    private readonly look: (now: number) => boolean,
  ) {
    this.#everyMs = Math.max(1, Math.min(MOST_MS, ...limits.map(limit => limit / 4)))
  }

  /** There is something to look at. */
  start(): void {
    this.#cancel ??= this.clock.at(this.clock.now() + this.#everyMs, () => {
      this.#cancel = undefined
      if (this.look(this.clock.now())) this.start()
    })
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}
