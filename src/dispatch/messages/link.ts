import type { ToLead, ToWorker } from './message.ts'

/** What a link took of its own process, since it began. */
export interface LinkCost {
  readonly messages: number
  /** Of CPU, in µs: making messages of objects and handing them over, and back; without what MPI does beside. */
  readonly us: number
}

/** Rank 0's end. */
export interface LeadLink {
  /** Those that execute. */
  readonly ranks: readonly number[]
  /** All that is posted to a rank within a turn of the event loop goes as one message. Not to be waited for. */
  post(rank: number, message: ToWorker): void
  /** Called for each message as it comes. */
  onMessage: (rank: number, message: ToLead) => void
  /** What a rank sent cannot be read, or the link is broken. */
  onFault: (rank: number | undefined, error: unknown) => void
  /** Begins to listen. */
  open(): void
  readonly cost: LinkCost
}

/** An executing rank's end. */
export interface WorkerLink {
  post(message: ToLead): void
  /** Resolves once all that was posted is on its way. */
  flush(): Promise<void>
  onMessage: (message: ToWorker) => void
  onFault: (error: unknown) => void
  open(): void
}
