import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'

/** How often the monitor's timer should fire, in ms. */
const RESOLUTION_MS = 10

/** How late the event loop's timers fire: what a thread that does too much at a time does to everybody. */
export class EventLoopDelay implements Disposable {
  #monitor: IntervalHistogram | undefined

  constructor(private readonly createMonitor = monitorEventLoopDelay) {}

  /**
   * Seconds, since the first call or the last `reset`; nothing before there is anything to tell. The first call begins
   * to measure: until then it costs nothing, from then on a timer of 10 ms.
   */
  percentile(percentile: number): number | undefined {
    if (!this.#monitor) {
      this.#monitor = this.createMonitor({ resolution: RESOLUTION_MS })
      this.#monitor.enable()
    }
    if (this.#monitor.count === 0) return undefined
    // The monitor records the time from one firing to the next, so that an idle loop shows the timer's own interval.
    return Math.max(0, this.#monitor.percentile(percentile) / 1e9 - RESOLUTION_MS / 1e3)
  }

  reset(): void {
    this.#monitor?.reset()
  }

  /** Stops measuring, until it is asked again. */
  [Symbol.dispose](): void {
    this.#monitor?.disable()
    this.#monitor = undefined
  }
}
