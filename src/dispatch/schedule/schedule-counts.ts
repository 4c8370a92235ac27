/** Of jobs; they add up to `jobs`, but for `requeued`. */
export interface ScheduleCounts {
  readonly jobs: number
  /** By an earlier run. */
  readonly doneBefore: number
  readonly waiting: number
  readonly inFlight: number
  readonly settled: number
  readonly gaveUp: number
  /** Times that a job went back into the line, as its rank was lost. */
  readonly requeued: number
}
