import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'

const RESOLUTION_MS = 10

/** How late the event loop was, from now on. */
export class Lag implements Disposable {
  readonly #histogram: IntervalHistogram

  constructor() {
    this.#histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
    this.#histogram.enable()
  }

  /** Beyond the time between two looks, which the histogram counts in. 0 before the first look. */
  get p99Ms(): number {
    const ms = this.#histogram.percentile(99) / 1e6 - RESOLUTION_MS
    return this.#histogram.count === 0 ? 0 : Math.max(0, ms)
  }

  [Symbol.dispose](): void {
    this.#histogram.disable()
  }
}
