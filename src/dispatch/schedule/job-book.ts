import type { ScheduleCounts } from './schedule-counts.ts'

const WAITING = 0
const IN_FLIGHT = 1
const SETTLED = 2
const GAVE_UP = 3
const DONE_BEFORE = 4

/** Where each job stands. Columns, as a run may have millions. */
export class JobBook {
  readonly gaveUp: number[] = []
  readonly #where: Uint8Array
  readonly #attempts: Uint32Array
  readonly #rank: Int32Array
  readonly #handedOutAt: Float64Array
  readonly #tally = [0, 0, 0, 0, 0]
  #requeued = 0

  constructor(jobs: number, isDone?: (job: number) => boolean) {
    this.#where = new Uint8Array(jobs)
    this.#attempts = new Uint32Array(jobs)
    this.#rank = new Int32Array(jobs)
    this.#handedOutAt = new Float64Array(jobs).fill(Number.NaN)
    this.#tally[WAITING] = jobs
    if (isDone !== undefined) for (let job = 0; job < jobs; job++) if (isDone(job)) this.#move(job, DONE_BEFORE)
  }

  get waiting(): number {
    return this.#tally[WAITING]!
  }

  get inFlight(): number {
    return this.#tally[IN_FLIGHT]!
  }

  get counts(): ScheduleCounts {
    const [waiting, inFlight, settled, gaveUp, doneBefore] = this.#tally as [number, number, number, number, number]
    return { jobs: this.#where.length, doneBefore, waiting, inFlight, settled, gaveUp, requeued: this.#requeued }
  }

  /** Ascending. */
  undone(): readonly number[] {
    const jobs: number[] = []
    for (let job = 0; job < this.#where.length; job++) if (this.#where[job] === WAITING) jobs.push(job)
    return jobs
  }

  /** Returns which attempt it is, from 1. */
  handOut(job: number, rank: number, now: number): number {
    this.#move(job, IN_FLIGHT)
    this.#rank[job] = rank
    this.#handedOutAt[job] = now
    return ++this.#attempts[job]!
  }

  /** Whether it was this rank's to settle, by this attempt. */
  settle(job: number, rank: number, attempt: number): boolean {
    const own = this.#where[job] === IN_FLIGHT && this.#rank[job] === rank && this.#attempts[job] === attempt
    if (own) this.#move(job, SETTLED)
    return own
  }

  /** Of a lost rank. Whether it waits again; else it is given up. */
  takeBack(job: number, maxAttempts: number): boolean {
    if (this.#attempts[job]! >= maxAttempts) {
      this.#move(job, GAVE_UP)
      this.gaveUp.push(job)
      return false
    }
    this.#move(job, WAITING)
    this.#requeued++
    return true
  }

  handedOutAt(job: number): number {
    return this.#handedOutAt[job] ?? Number.NaN
  }

  #move(job: number, to: number): void {
    this.#tally[this.#where[job]!]!--
    this.#tally[to]!++
    this.#where[job] = to
  }
}
