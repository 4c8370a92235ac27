import type { Clock } from '../clock/index.ts'
import { StepMeter } from '../engine/index.ts'

/** What takes part in steps. */
export interface Member {
  /** Lower runs earlier. */
  readonly priority: number
  /** It has a slot. Returns when its prompt will have been processed. */
  admit(at: number): number
  /** It gets a token. Returns whether that was the last. */
  step(at: number): boolean
}

export interface BatchOptions {
  readonly clock: Clock
  readonly slots: number
  readonly itlMs: number
  readonly perSequenceMs: number
  /** Called after steps, so that what they brought is handed out together. */
  readonly handOut: () => void
}

/** Steps that are overdue are made up for at once, but not all of a long standstill's. */
const LONGEST_LAG_MS = 1000
/** …and not so many that nothing else gets its turn. */
const MOST_STEPS_AT_ONCE = 64

/**
 * Continuous batching on a simulated clock: one step after the other, in each of which every member whose prompt is
 * processed gets one token; new members join between steps as slots become free.
 *
 * The schedule is absolute: a timer that fires late delays the tokens of its own step only, so the mean pace is exact.
 */
export class Batch {
  /** By priority, then by arrival. */
  readonly #waiting: Member[] = []
  /** With the time at which each is ready. */
  readonly #running = new Map<Member, number>()
  readonly meter = new StepMeter()
  #lastStepAt = Number.NEGATIVE_INFINITY
  #steps = 0
  #cancelTimer: (() => void) | undefined

  constructor(private readonly options: BatchOptions) {}

  get running(): number {
    return this.#running.size
  }

  get waiting(): number {
    return this.#waiting.length
  }

  get steps(): number {
    return this.#steps
  }

  add(member: Member): void {
    let at = this.#waiting.length
    while (at > 0 && this.#waiting[at - 1]!.priority > member.priority) at--
    this.#waiting.splice(at, 0, member)
    this.#admit(this.options.clock.now())
    this.#schedule()
  }

  /** Does nothing where it is neither running nor waiting. */
  remove(member: Member): void {
    const at = this.#waiting.indexOf(member)
    if (at >= 0) this.#waiting.splice(at, 1)
    if (this.#running.delete(member)) this.#admit(this.options.clock.now())
    this.#schedule()
  }

  #admit(now: number): void {
    while (this.#running.size < this.options.slots && this.#waiting.length > 0) {
      const member = this.#waiting.shift()!
      this.#running.set(member, member.admit(now))
    }
  }

  #schedule(): void {
    this.#cancelTimer?.()
    const due = this.#due()
    this.#cancelTimer = due === undefined ? undefined : this.options.clock.at(due, () => this.#fire())
  }

  /** When the next step ends: a step's length after the last one, but not before somebody is ready. */
  #due(): number | undefined {
    if (this.#running.size === 0) return undefined
    let decoding = 0
    let firstReady = Number.POSITIVE_INFINITY
    for (const readyAt of this.#running.values()) {
      if (readyAt <= this.#lastStepAt) decoding++
      if (readyAt < firstReady) firstReady = readyAt
    }
    return Math.max(firstReady, this.#lastStepAt + this.#length(decoding))
  }

  #length(sequences: number): number {
    return this.options.itlMs + this.options.perSequenceMs * sequences
  }

  #fire(): void {
    const now = this.options.clock.now()
    for (let left = MOST_STEPS_AT_ONCE; left > 0; left--) {
      const due = this.#due()
      if (due === undefined || due > now) break
      this.#step(this.#length(1) === 0 ? now : Math.max(due, now - LONGEST_LAG_MS))
    }
    this.#schedule()
    this.options.handOut()
  }

  #step(at: number): void {
    this.meter.record(this.#length(this.#running.size), this.#running.size)
    this.#lastStepAt = at
    this.#steps++
    for (const [member, readyAt] of this.#running) if (readyAt <= at && member.step(at)) this.#running.delete(member)
    this.#admit(at)
  }
}
