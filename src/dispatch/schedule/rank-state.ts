/** What is known of an executing rank. */
export class RankState {
  /** 0 before it is ready. */
  slots = 0
  /** Its jobs, in the order in which it got them. */
  readonly jobs = new Set<number>()
  /** Why it gets no jobs, though it may have asked for some. */
  away: 'lost' | 'left out' | undefined
  /** Undefined before its first sign of life. */
  heardAt: number | undefined
  /** The place of its last job among all that were handed out. */
  servedAt = 0

  constructor(readonly rank: number) {}

  get free(): number {
    return this.away ? 0 : this.slots - this.jobs.size
  }

  /** In line for the next job. */
  isBefore(other: RankState): boolean {
    return this.free === other.free ? this.servedAt < other.servedAt : this.free > other.free
  }
}
