import type { DispatchSummary } from '../summary/summary.ts'
import type { LeadState, Stop } from './lead.ts'

/** What a run was like; the JSON that `--json` prints. */
export interface DispatchReport extends DispatchSummary {
  readonly state: LeadState
  readonly stop?: Stop
  /** What rank 0 took for a job, from the first one handed out to the last result. */
  readonly lead: LeadCost
  /** Of each rank's event loop, in ms; of ranks that were there to the end. */
  readonly lagP99Ms: Readonly<Record<number, number>>
  /** Whether what the ranks added up is what rank 0 has in its books; `not compared`, where not all were there. */
  readonly books: 'agree' | 'differ' | 'not compared'
}

export interface LeadCost {
  /** Of the whole process: schedule, files, messages, and asking MPI for more. */
  readonly cpuUsPerJob: number
  /** Of it, messages: to make and to read them, and to hand them to MPI. */
  readonly messageUsPerJob: number
  readonly messagesPerJob: number
  readonly lagP99Ms: number
}
