import { PerformanceObserver } from 'node:perf_hooks'
import type { Clock } from '../../clock/index.ts'
import { Growing } from '../record/growing.ts'

/** How a process fared since it was asked last, and when, in ms of the run: what of it is measured is decided later. */
export interface VitalSigns {
  /** The processor time that it has had need of by now, in ms. */
  readonly atMs: number
  readonly cpuMs: number
  /** Pairs of a time and by how much a timer that was due then came late. */
  readonly loopLag: Float64Array
  /** Pairs of a time and how long garbage was collected from then on. */
  readonly gc: Float64Array
}

/** Between two looks at the loop, in ms. */
const LOOK_MS = 10

/** Watches the process that it runs in. */
export class Vitals {
  readonly #loopLag = new Growing(length => new Float64Array(length))
  readonly #gc = new Growing(length => new Float64Array(length))
  readonly #observer: PerformanceObserver
  readonly #timer: NodeJS.Timeout
  #due: number

  /** @param idleMs Processor time that was taken with nothing to do, so far. */
  constructor(
    private readonly clock: Clock,
    private readonly idleMs: () => number,
  ) {
    this.#due = clock.now() + LOOK_MS
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
    const ahead = clock.now() - performance.now()
    this.#observer = new PerformanceObserver(list => {
      for (const { startTime, duration } of list.getEntries()) {
        this.#gc.push(startTime + ahead)
        this.#gc.push(duration)
      }
    })
    this.#observer.observe({ entryTypes: ['gc'] })
  }

  take(): VitalSigns {
    const { user, system } = process.cpuUsage()
    const signs = {
      atMs: this.clock.now(),
      cpuMs: (user + system) / 1000 - this.idleMs(),
      loopLag: this.#loopLag.copy(),
      gc: this.#gc.copy(),
    }
    this.#loopLag.clear()
    this.#gc.clear()
    return signs
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#observer.disconnect()
  }

  #look(): void {
    const now = this.clock.now()
    // An interval is begun anew when it was late; by less than a ms it always is, since timers count whole ones.
    const late = now - this.#due
    this.#loopLag.push(this.#due)
    this.#loopLag.push(Math.max(0, late))
    this.#due = now + LOOK_MS
  }
}
