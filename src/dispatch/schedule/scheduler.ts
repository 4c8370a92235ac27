import type { Assignment } from '../job.ts'
import type { Distribution } from './distribution.ts'
import { JobBook } from './job-book.ts'
import { POLICIES, type SchedulingPolicy } from './policies.ts'
import { RankState } from './rank-state.ts'
import type { ScheduleCounts } from './schedule-counts.ts'

export interface SchedulerOptions {
  /** Numbered from 0 on. */
  readonly jobs: number
  /** Those that execute. */
  readonly ranks: readonly number[]
  /** Default pull. */
  readonly policy?: SchedulingPolicy
  /**
   * Jobs under way at once, of all ranks together. A rank has its equal share of them, rounded up, or as many slots as it
   * says, whichever is less. Default 8.
   */
  readonly inflight?: number
  /** Times that a job is handed out, the first included, before it is given up as its ranks were lost. Default 3. */
  readonly maxAttempts?: number
  /** A rank that is silent for longer is overdue. Default 5000. */
  readonly heartbeatTimeoutMs?: number
  /** What an earlier run has done. */
  readonly isDone?: (job: number) => boolean
}

/**
 * Who gets which job. Pure: no I/O, and no time but what it is given, in ms on one monotonic clock.
 *
 * Each job is settled exactly once, given up, or still waiting: what a lost rank, or one that comes back, says of a job that
 * is no longer its own does not count. Never more than `inflight` jobs are under way, nor more than its slots on a rank.
 *
 * @example
 * const scheduler = new Scheduler({ jobs: 2, ranks: [1] })
 * scheduler.ready(1, 4, 0)
 * for (const { rank, job, attempt } of scheduler.next(0)) send(rank, job, attempt)
 * if (scheduler.settled(1, 0, 1, 25)) keep(result)
 */
export class Scheduler {
  readonly #ranks: ReadonlyMap<number, RankState>
  readonly #book: JobBook
  readonly #line: Distribution
  readonly #inflight: number
  readonly #share: number
  readonly #maxAttempts: number
  readonly #timeoutMs: number
  #served = 0
  #draining = false
  #dueAt: number | undefined
  /** When it was first asked who is overdue. */
  #listenedFrom: number | undefined
  #lookedAt: number | undefined

  /** @throws RangeError */
  constructor(options: SchedulerOptions) {
    const { jobs, ranks, policy = 'pull', inflight = 8, maxAttempts = 3, heartbeatTimeoutMs = 5000 } = options
    if (!(Number.isInteger(inflight) && inflight >= 1))
      throw new RangeError('inflight must be a whole number from 1 on')
    if (!(maxAttempts >= 1)) throw new RangeError('maxAttempts must be 1 at least')
    this.#ranks = new Map(ranks.map(rank => [rank, new RankState(rank)]))
    this.#book = new JobBook(jobs, options.isDone)
    this.#line = POLICIES[policy](this.#book.undone(), ranks)
    this.#inflight = inflight
    this.#share = Math.ceil(inflight / Math.max(1, ranks.length))
    this.#maxAttempts = maxAttempts
    this.#timeoutMs = heartbeatTimeoutMs
  }

  /** A rank asks for work; before that it gets none. One that was lost or left out is taken in again. */
  ready(rank: number, slots: number, now: number): void {
    const state = this.#state(rank)
    this.#dueAt ??= now
    state.heardAt = now
    state.slots = Math.max(0, Math.min(slots, this.#share))
    if (!state.away) return
    state.away = undefined
    this.#line.returned(rank)
  }

  /** All that may be handed out now. Ranks with the most free slots come first; of equals who got none for longest. */
  next(now: number): readonly Assignment[] {
    if (this.#draining || this.#book.waiting === 0) return []
    const assignments: Assignment[] = []
    const open = [...this.#ranks.values()].filter(({ free }) => free > 0)
    while (this.#book.inFlight < this.#inflight && open.length > 0) {
      const state = open.reduce((first, each) => (each.isBefore(first) ? each : first))
      const job = this.#line.take(state.rank)
      if (job !== undefined) {
        state.jobs.add(job)
        state.servedAt = ++this.#served
        assignments.push({ job, attempt: this.#book.handOut(job, state.rank, now), rank: state.rank })
      }
      if (job === undefined || state.free === 0) open.splice(open.indexOf(state), 1)
    }
    return assignments
  }

  /** A job is over, well or not. Whether it counts: not what comes late, or again. */
  settled(rank: number, job: number, attempt: number, now: number): boolean {
    const state = this.#state(rank)
    this.heard(rank, now)
    if (!this.#book.settle(job, rank, attempt)) return false
    state.jobs.delete(job)
    return true
  }

  /** Any message is a sign of life; but a lost rank stays lost until it asks for work. */
  heard(rank: number, now: number): void {
    this.#state(rank).heardAt = now
  }

  /**
   * Ranks that were silent for longer than the timeout; those of which nothing was ever heard, since the first call. To be
   * asked at least once a timeout: where more time went by since it was last, it was this process that stood still and heard
   * nobody, and that time is held against none.
   */
  overdue(now: number): readonly number[] {
    this.#listenedFrom ??= now
    const stood = this.#lookedAt === undefined ? 0 : now - this.#lookedAt
    this.#lookedAt = now
    const there = [...this.#ranks.values()].filter(({ away }) => away === undefined)
    if (stood > this.#timeoutMs) for (const state of there) state.heardAt = now
    return there.filter(({ heardAt = this.#listenedFrom! }) => now - heardAt > this.#timeoutMs).map(({ rank }) => rank)
  }

  /**
   * A rank is lost. Returns its jobs, ascending: they are next in line, but for those that were handed out too often already,
   * which are given up. Nothing, of a rank that is lost already.
   */
  lose(rank: number): readonly number[] {
    return this.#away(rank, 'lost')
  }

  /** As {@link lose}, of a rank that takes no jobs, as its target does not open, say: others do its share, and it is not lost. */
  leaveOut(rank: number): readonly number[] {
    return this.#away(rank, 'left out')
  }

  /** Nothing more is handed out; what is under way may end. */
  drain(): void {
    this.#draining = true
  }

  /** All jobs are settled or given up; or nothing is under way, and nothing more will be. */
  get finished(): boolean {
    const { waiting, inFlight } = this.#book
    return inFlight === 0 && (waiting === 0 || this.#draining)
  }

  /** There are jobs, and nobody to do them: all ranks are lost or left out. One may still come back. */
  get stuck(): boolean {
    return !this.finished && [...this.#ranks.values()].every(({ away }) => away !== undefined)
  }

  get draining(): boolean {
    return this.#draining
  }

  /** Ranks that are lost now. */
  get lost(): readonly number[] {
    return [...this.#ranks.values()].filter(({ away }) => away === 'lost').map(({ rank }) => rank)
  }

  /** Jobs whose ranks were lost too often, in the order in which they were given up. */
  get gaveUp(): readonly number[] {
    return this.#book.gaveUp
  }

  get counts(): ScheduleCounts {
    return this.#book.counts
  }

  /**
   * When a job was due, which is when the first rank was ready: a batch is due as a whole, and a job that goes to a second rank
   * is due no later for it. NaN before that.
   */
  dueAt(_job: number): number {
    return this.#dueAt ?? Number.NaN
  }

  /** When it was last handed to a rank; NaN before. */
  handedOutAt(job: number): number {
    return this.#book.handedOutAt(job)
  }

  #away(rank: number, why: 'lost' | 'left out'): readonly number[] {
    const state = this.#state(rank)
    if (state.away !== undefined) return []
    state.away = why
    const jobs = [...state.jobs].sort((a, b) => a - b)
    state.jobs.clear()
    this.#line.lost(rank)
    this.#line.putBack(jobs.filter(job => this.#book.takeBack(job, this.#maxAttempts)))
    return jobs
  }

  #state(rank: number): RankState {
    const state = this.#ranks.get(rank)
    if (state === undefined) throw new RangeError(`rank ${rank} executes nothing`)
    return state
  }
}
