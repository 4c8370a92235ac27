import type { Clock } from './clock.ts'

interface Alarm {
  readonly time: number
  readonly run: () => void
}

/**
 * A clock that stands still until it is told to move, so that a test sees the same run every time.
 *
 * @example
 * const clock = new VirtualClock()
 * const engine = createMockEngine({ ttftMs: 20, clock })
 * const answer = collect(engine.generate({ input: { text: 'Once' } }))
 * await clock.advance(1000)
 */
export class VirtualClock implements Clock {
  #now = 0
  #alarms: Alarm[] = []

  now(): number {
    return this.#now
  }

  at(time: number, run: () => void): () => void {
    const alarm = { time: Math.max(time, this.#now), run }
    this.#alarms.push(alarm)
    return () => {
      this.#alarms = this.#alarms.filter(other => other !== alarm)
    }
  }

  /** Moves on by `ms`, stopping at each alarm until all that it set off has come to rest. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await settled()
    for (let alarm = this.#next(end); alarm !== undefined; alarm = this.#next(end)) {
      this.#now = alarm.time
      alarm.run()
      await settled()
    }
    this.#now = end
  }

  #next(end: number): Alarm | undefined {
    let first: Alarm | undefined
    for (const alarm of this.#alarms)
      if (alarm.time <= end && (first === undefined || alarm.time < first.time)) first = alarm
    this.#alarms = this.#alarms.filter(other => other !== first)
    return first
  }
}

/** Every promise that can go on has gone on. */
function settled(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
