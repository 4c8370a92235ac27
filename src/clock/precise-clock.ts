import { Worker } from 'node:worker_threads'
import type { Clock } from './clock.ts'

/**
 * From so long before an alarm on, in ms, the loop is polled: 19 of 20 times a sleeping thread and its message come no
 * later than that. How late they come depends on the machine and on what else it does, so it is learned.
 */
const LEAD_MS = { first: 0.25, least: 0.05, most: 0.5, step: 0.002 }
const IN_TIME = 19
/** As long as there is no waker, a timer wakes: it counts whole ms, and is late by as much. */
const TIMER_SLACK_MS = 2
/** A turn of the loop that takes longer, in ms, did something else than poll. */
const IDLE_TURN_MS = 0.03
/**
 * How long a turn stays where nothing is due, in ms. Turns and looks at the clock leave garbage, some 300 MB of it in a
 * second of nothing else, and collecting it would be what comes late.
 */
const STAY_MS = 0.01
/** About 1 µs. */
const LOOKS_APART = 200

/**
 * Alarms to some µs, where the system's come up to 1.2 ms late: a thread sleeps until shortly before one is due, and then
 * the event loop turns without resting. That costs about 0.1 ms of a core for each alarm, and nothing between them.
 * Where the machine has no core to spare, alarms come late as all others do.
 *
 * The thread is started by the first alarm and holds no process up: the alarms do.
 *
 * @example
 * const clock = preciseClock()
 * clock.at(clock.now() + 0.7, () => socket.write(token))
 */
export function preciseClock(): PreciseClock {
  return new PollingClock()
}

export interface PreciseClock extends Clock {
  /** How long it has polled with nothing else to do: processor time that was to spare, in ms. */
  readonly polledMs: number
}

interface Alarm {
  readonly time: number
  readonly run: () => void
}

class PollingClock implements PreciseClock {
  polledMs = 0
  /** By time; few, so that an insertion by shifting is cheapest. */
  readonly #alarms: Alarm[] = []
  #waker: Waker | undefined
  #polling = false
  #polledFrom = 0
  #leadMs = LEAD_MS.first
  #timer: NodeJS.Timeout | undefined

  now(): number {
    return performance.now()
  }

  at(time: number, run: () => void): () => void {
    const alarm = { time, run }
    let place = this.#alarms.length
    while (place > 0 && this.#alarms[place - 1]!.time > time) place--
    this.#alarms.splice(place, 0, alarm)
    if (place === 0) this.#arm()
    return () => this.#cancel(alarm)
  }

  #cancel(alarm: Alarm): void {
    const place = this.#alarms.indexOf(alarm)
    if (place < 0) return
    this.#alarms.splice(place, 1)
    if (place === 0) this.#arm()
  }

  /** Sees to it that the first alarm is met; a wake-up for one that is gone does no harm. */
  #arm(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const first = this.#alarms[0]
    if (first === undefined || this.#polling) {
      this.#waker?.rest()
      return
    }
    this.#waker ??= new Waker(lateMs => this.#woken(lateMs))
    const left = first.time - performance.now()
    if (left <= this.#leadMs) this.#poll()
    else if (this.#waker.awake) this.#waker.wakeAt(first.time - this.#leadMs)
    else if (left <= TIMER_SLACK_MS) this.#poll()
    else this.#timer = setTimeout(() => this.#arm(), left - TIMER_SLACK_MS)
  }

  #woken(lateMs: number): void {
    const { least, most, step } = LEAD_MS
    if (lateMs > this.#leadMs) this.#leadMs = Math.min(most, this.#leadMs + IN_TIME * step)
    else if (lateMs >= 0) this.#leadMs = Math.max(least, this.#leadMs - step)
    this.#arm()
  }

  #poll(): void {
    this.#polling = true
    this.#polledFrom = performance.now()
    setImmediate(this.#look)
  }

  readonly #look = (): void => {
    const now = performance.now()
    const turn = now - this.#polledFrom
    if (turn < IDLE_TURN_MS) this.polledMs += turn
    const first = this.#alarms[0]
    try {
      // One alarm a turn: what it set off, as I/O, has its turn before the next…
      if (first !== undefined && first.time <= this.#stay(now, first.time)) this.#alarms.shift()!.run()
    } finally {
      // …and what it left for the end of this turn comes before the next look.
      this.#polling = false
      this.#arm()
    }
  }

  /** Until then or for {@link STAY_MS}; returns the time. */
  #stay(now: number, until: number): number {
    const end = Math.min(until, now + STAY_MS)
    let at = now
    while (at < end) {
      for (let i = 0; i < LOOKS_APART; i++) Atomics.load(NOTHING, 0)
      at = performance.now()
    }
    this.polledMs += at - now
    return at
  }
}

const NOTHING = new Int32Array(1)

/** Sleeps in a thread of its own, to about 0.1 ms; `woken` comes as a message. */
class Waker {
  /** It sleeps and wakes; otherwise it has not started yet, or could not. */
  awake = false
  /** Counts the changes of `#until`. */
  readonly #changes = new Int32Array(new SharedArrayBuffer(4))
  /** On the clock that all threads share, in ms. */
  readonly #until = new Float64Array(new SharedArrayBuffer(8)).fill(Number.POSITIVE_INFINITY)
  readonly #worker: Worker
  readonly #sharedAhead = sharedAhead()
  #wakeAt = Number.NaN

  /** `woken` is told how late it comes; NaN where nobody asked for it, less than 0 where it was put off since. */
  constructor(woken: (lateMs: number) => void) {
    this.#worker = new Worker(SLEEPER, { eval: true, workerData: { changes: this.#changes, until: this.#until } })
    this.#worker.unref()
    this.#worker.on('message', () => {
      this.awake = true
      woken(performance.now() - this.#wakeAt)
    })
    // Without the thread, timers wake.
    this.#worker.on('error', () => {})
    this.#worker.on('exit', () => {
      this.awake = false
      woken(Number.NaN)
    })
  }

  wakeAt(time: number): void {
    this.#worker.ref()
    this.#wakeAt = time
    this.#until[0] = time + this.#sharedAhead
    Atomics.add(this.#changes, 0, 1)
    Atomics.notify(this.#changes, 0)
  }

  /** Nothing is due: nothing holds the process up. */
  rest(): void {
    this.#worker.unref()
  }
}

/** `performance.now()` counts from each thread's own beginning, `process.hrtime` from the machine's. */
function sharedAhead(): number {
  const [s, ns] = process.hrtime()
  return s * 1000 + ns / 1e6 - performance.now()
}

/** Text rather than a file, so that it starts in ms where TypeScript must be loaded first. Its first message says that it is there. */
const SLEEPER = `
const { parentPort, workerData: { changes, until } } = require('node:worker_threads')
const now = () => { const [s, ns] = process.hrtime(); return s * 1000 + ns / 1e6 }
parentPort.postMessage(null)
for (;;) {
  const seen = Atomics.load(changes, 0)
  const left = until[0] - now()
  if (left > 0) Atomics.wait(changes, 0, seen, left)
  else { until[0] = Infinity; parentPort.postMessage(null) }
}`
