import type { ScheduleCounts } from '../schedule-counts.ts'
import { Scheduler, type SchedulerOptions } from '../scheduler.ts'

export interface SimulatedRun {
  /** When the last job was settled, in ms. */
  readonly wallMs: number
  /** By the job's number: which rank settled it. */
  readonly by: readonly number[]
  readonly counts: ScheduleCounts
}

/** Runs all jobs on ranks that take a given time for one, each slot of a rank for itself; they are there from 0 on. */
export function simulate(options: Omit<SchedulerOptions, 'ranks'>, msOfJob: readonly number[]): SimulatedRun {
  const ranks = msOfJob.map((_, i) => i + 1)
  const scheduler = new Scheduler({ ...options, ranks })
  const by: number[] = []
  const running: { readonly at: number; readonly rank: number; readonly job: number; readonly attempt: number }[] = []
  let now = 0
  const handOut = () => {
    for (const { rank, job, attempt } of scheduler.next(now)) {
      const at = now + msOfJob[rank - 1]!
      let place = running.length
      while (place > 0 && running[place - 1]!.at > at) place--
      running.splice(place, 0, { at, rank, job, attempt })
    }
  }
  for (const rank of ranks) scheduler.ready(rank, Number.POSITIVE_INFINITY, now)
  handOut()
  for (let next = running.shift(); next !== undefined; next = running.shift()) {
    now = next.at
    if (scheduler.settled(next.rank, next.job, next.attempt, now)) by[next.job] = next.rank
    handOut()
  }
  if (!scheduler.finished) throw new Error('the simulation ended with jobs that nobody does')
  return { wallMs: now, by, counts: scheduler.counts }
}
