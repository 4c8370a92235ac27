import type { Clock } from '../../clock/index.ts'

interface Alarm {
  readonly time: number
  readonly run: () => void
  cancel: (() => void) | undefined
}

/**
 * One machine's own time, beside that of the world: it runs as quickly as it is told to, or stands still, as all that a
 * machine does when it is slow, or stopped.
 *
 * @example
 * const clock = new LocalClock(world)
 * const engine = createMockEngine({ clock })
 * clock.pace = 0.1 // everything in it takes ten times as long
 */
export class LocalClock implements Clock {
  #pace = 1
  /** When the pace was set, by the world's time and by this one. */
  #since: number
  #then = 0
  /** An alarm's own time has come when it runs, whatever rounding says. */
  #least = 0
  readonly #alarms = new Set<Alarm>()

  constructor(private readonly world: Clock) {
    this.#since = world.now()
  }

  now(): number {
    return Math.max(this.#least, this.#then + (this.world.now() - this.#since) * this.#pace)
  }

  at(time: number, run: () => void): () => void {
    const alarm: Alarm = { time, run, cancel: undefined }
    this.#alarms.add(alarm)
    this.#arm(alarm)
    return () => this.#disarm(alarm)
  }

  /** Of this time to the world's: 1 runs along, 0 stands still. */
  set pace(pace: number) {
    this.#then = this.now()
    this.#since = this.world.now()
    this.#pace = pace
    for (const alarm of this.#alarms) this.#arm(alarm)
  }

  /** Forgets all alarms. */
  stop(): void {
    for (const alarm of this.#alarms) this.#disarm(alarm)
  }

  #arm(alarm: Alarm): void {
    alarm.cancel?.()
    alarm.cancel =
      this.#pace === 0
        ? undefined
        : this.world.at(this.#since + (alarm.time - this.#then) / this.#pace, () => this.#ring(alarm))
  }

  #disarm(alarm: Alarm): void {
    alarm.cancel?.()
    this.#alarms.delete(alarm)
  }

  #ring(alarm: Alarm): void {
    this.#alarms.delete(alarm)
    this.#least = Math.max(this.#least, alarm.time)
    alarm.run()
  }
}
