import type { Clock } from '../../clock/index.ts'

/** What is to go on at set times; returns whether it goes on after this. */
export type Beat = () => boolean

/** Alarms cost some tens of µs each: where beats are denser than this, in ms, those due meanwhile wait for one. */
const ALARM_GAP_MS = 0.25

/**
 * Lets many streams go on, each in its own time. Those of one interval come round in the order in which they were
 * begun, so that a queue for each interval is all that is kept.
 */
export class Pacer {
  readonly #rounds = new Map<number, Round>()
  #lastAlarmAt = Number.NEGATIVE_INFINITY
  #alarmAt = Number.POSITIVE_INFINITY
  #cancel: (() => void) | undefined

  constructor(private readonly clock: Clock) {}

  /** Every `ms` from now on, as long as `beat` returns true. The schedule is absolute: lateness does not add up. */
  every(ms: number, beat: Beat): void {
    const round = this.#rounds.get(ms) ?? new Round(ms)
    this.#rounds.set(ms, round)
    const due = this.clock.now() + ms
    round.add(due, beat)
    this.#arm(due)
  }

  #arm(due: number): void {
    const at = Math.max(due, this.#lastAlarmAt + ALARM_GAP_MS)
    if (at >= this.#alarmAt) return
    this.#cancel?.()
    this.#alarmAt = at
    this.#cancel = this.clock.at(at, () => this.#fire())
  }

  #fire(): void {
    const now = this.clock.now()
    this.#lastAlarmAt = now
    this.#alarmAt = Number.POSITIVE_INFINITY
    let next = Number.POSITIVE_INFINITY
    for (const round of this.#rounds.values()) {
      round.beatUntil(now)
      next = Math.min(next, round.due)
    }
    if (next !== Number.POSITIVE_INFINITY) this.#arm(next)
  }
}

/** Streams of one interval, by when they are due. */
class Round {
  #dues: number[] = []
  #beats: Beat[] = []
  #head = 0

  constructor(private readonly ms: number) {}

  get due(): number {
    return this.#dues[this.#head] ?? Number.POSITIVE_INFINITY
  }

  add(due: number, beat: Beat): void {
    this.#dues.push(due)
    this.#beats.push(beat)
  }

  beatUntil(now: number): void {
    for (let due = this.due; due <= now; due = this.due) {
      const beat = this.#beats[this.#head++]!
      if (beat()) this.add(due + this.ms, beat)
    }
    if (this.#head > 1024 && this.#head > this.#dues.length / 2) {
      this.#dues = this.#dues.slice(this.#head)
      this.#beats = this.#beats.slice(this.#head)
      this.#head = 0
    }
  }
}
