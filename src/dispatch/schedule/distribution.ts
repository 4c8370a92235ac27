/** Which rank takes which job next: what sets the policies apart. When it may take one is the scheduler's to say. */
export interface Distribution {
  /** A job for this rank, which has a free slot; undefined where it has none to take. It is out of the line then. */
  take(rank: number): number | undefined
  /** Jobs of a lost rank that were handed to it, ascending: they are next. */
  putBack(jobs: readonly number[]): void
  /** This rank is lost or left out: what was meant for it alone is for others. */
  lost(rank: number): void
  /** It works after all. */
  returned(rank: number): void
}
