import type { Clock } from '../../clock/index.ts'
import type { Work } from '../work/work.ts'
import type { Phases } from './phases.ts'
import type { Requester } from './requester.ts'

/** What makes requests in time until it is told to stop. */
export interface LoadLoop {
  /** Nothing that it makes from now on is due before; Infinity where it makes nothing any more. */
  readonly nextMs: number
  start(): void
  /** Makes no more requests; what is due and was not sent is told as such. What is under way is the requester's. */
  stop(): void
}

export interface LoopOptions {
  /** 0 is the run's start. */
  readonly clock: Clock
  readonly work: Work
  readonly requester: Requester
  readonly phases: Phases
  /** Dialogues whose index leaves `number` when divided by `of` are this client's. */
  readonly share: Share
  /** Called when something ended, for who waits for all that counts. */
  readonly onEnd: () => void
  /** The load cannot go on. */
  readonly onError: (error: unknown) => void
}

/** One client's among all. */
export interface Share {
  readonly number: number
  readonly of: number
}

/** How many of `total` things, dealt out one by one, are this share's. */
export function partOf(total: number, { number, of }: Share): number {
  return Math.floor(total / of) + (number < total % of ? 1 : 0)
}
