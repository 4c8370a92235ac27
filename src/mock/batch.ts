import type { Clock } from '../clock/index.ts'
import { StepMeter } from '../engine/index.ts'
import type { Stall } from './stall.ts'

/** What takes part in steps. */
export interface Member {
  /** When it will have its prompt processed, or where steps are its own, its next token; the batch's to set. */
  readyAt: number
  /** Lower runs earlier. */
  readonly priority: number
  /** Its reader does not read: it keeps its slot, and gets no token. */
  readonly paused: boolean
  /** Tokens that its next step processes. */
  readonly pending: number
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
  /** `own`: each member has steps of its own. */
  readonly steps: 'common' | 'own'
  readonly stall: Stall
  /** Called after steps, so that what they brought is handed out together. */
  readonly handOut: () => void
}

/** Steps that are overdue are made up for at once, but not all of a long standstill's. */
const LONGEST_LAG_MS = 1000
/** …and not so many that nothing else gets its turn. */
const MOST_STEPS_AT_ONCE = 64

const NEVER = Number.POSITIVE_INFINITY

/**
 * Continuous batching on a simulated clock: one step after the other, in each of which every member whose prompt is
 * processed gets one token; new members join between steps as slots become free.
 *
 * The schedule is absolute: a timer that fires late delays the tokens of its own step only, so the mean pace is exact.
 */
export class Batch {
  readonly meter = new StepMeter()
  /** By priority, then by arrival. */
  readonly #waiting: Member[] = []
  /** In order of admission. */
  readonly #running: Member[] = []
  #lastStepAt = Number.NEGATIVE_INFINITY
  #steps = 0
  /** Since when there has been something to do. */
  #busySince = NEVER
  #alarmAt = NEVER
  #cancelAlarm: (() => void) | undefined

  constructor(private readonly options: BatchOptions) {}

  get running(): number {
    return this.#running.length
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
    // Somebody who is ready later than the next step changes nothing about it.
    if (member.readyAt < this.#alarmAt) this.#schedule()
  }

  /** Does nothing where it is neither running nor waiting. */
  remove(member: Member): void {
    const at = this.#waiting.indexOf(member)
    if (at >= 0) this.#waiting.splice(at, 1)
    const place = this.#running.indexOf(member)
    if (place >= 0) {
      this.#running.splice(place, 1)
      this.#admit(this.options.clock.now())
    }
    this.#schedule()
  }

  /** These are no longer paused. What they missed is not made up for. */
  resume(members: readonly Member[]): void {
    const now = this.options.clock.now()
    for (const member of members) if (member.readyAt !== NEVER) member.readyAt = Math.max(member.readyAt, now)
    this.#admit(now)
    this.#schedule()
  }

  #admit(now: number): void {
    for (let i = 0; i < this.#waiting.length && this.#running.length < this.options.slots; ) {
      const member = this.#waiting[i]!
      if (member.paused) i++
      else {
        this.#waiting.splice(i, 1)
        member.readyAt = member.admit(now)
        this.#running.push(member)
      }
    }
  }

  #schedule(): void {
    const due = this.#due()
    if (due === NEVER) this.#busySince = NEVER
    else if (this.#busySince === NEVER) this.#busySince = this.options.clock.now()
    if (due === this.#alarmAt) return
    this.#cancelAlarm?.()
    this.#alarmAt = due
    this.#cancelAlarm = due === NEVER ? undefined : this.options.clock.at(due, () => this.#fire())
  }

  /**
   * When the next step ends: a step's length after the last one, but not before somebody is ready; where steps are
   * their own, as soon as somebody is.
   */
  #due(): number {
    let decoding = 0
    let firstReady = NEVER
    for (const member of this.#running) {
      if (member.paused) continue
      if (member.readyAt <= this.#lastStepAt) decoding++
      if (member.readyAt < firstReady) firstReady = member.readyAt
    }
    if (this.options.steps === 'own') return firstReady
    return Math.max(firstReady, this.options.stall.after(this.#lastStepAt, this.#length(decoding)))
  }

  #length(sequences: number): number {
    return this.options.itlMs + this.options.perSequenceMs * sequences
  }

  #fire(): void {
    this.#alarmAt = NEVER
    const now = this.options.clock.now()
    for (let left = MOST_STEPS_AT_ONCE; left > 0; left--) {
      const due = this.#due()
      if (due > now) break
      this.#step(this.#length(1) === 0 ? now : Math.max(due, now - LONGEST_LAG_MS))
    }
    this.#schedule()
    this.options.handOut()
  }

  #step(at: number): void {
    const startedAt = Math.max(this.#lastStepAt, Math.min(at, this.#busySince))
    this.#lastStepAt = at
    this.#steps++
    let tokens = 0
    let left = 0
    for (const member of this.#running) {
      const steps = member.readyAt <= at && !member.paused
      if (steps) tokens += member.pending
      if (steps && member.step(at)) continue
      if (steps && this.options.steps === 'own') member.readyAt = this.options.stall.after(at, this.#length(1))
      this.#running[left++] = member
    }
    this.#running.length = left
    this.meter.record(at - startedAt, tokens)
    this.#admit(at)
  }
}
