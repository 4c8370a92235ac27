import type { ScheduleCounts } from '../schedule/schedule-counts.ts'
import type { Books } from './books.ts'
import { type Figures, figuresOf } from './figures.ts'

/** What is known of an executing rank. */
export interface RankFacts {
  readonly rank: number
  readonly host?: string
  readonly target?: string
  /** E.g. `cuda:0 NVIDIA H200`. */
  readonly device?: string
}

/** What results do not say of a run. */
export interface RunFacts {
  /** From when the jobs were due to the last result; opening targets is no part of it. */
  readonly wallMs: number
  readonly ranks: readonly RankFacts[]
  /** Ranks that were lost, and did not come back. */
  readonly lost: readonly number[]
  readonly counts: ScheduleCounts
}

export interface DispatchSummary {
  readonly schema: 'warpline-dispatch/1'
  readonly jobs: number
  /** By an earlier run; no figure counts them. */
  readonly doneBefore: number
  /** Neither done nor failed, as the run ended before. */
  readonly notDone: number
  /** Times that a job went to another rank, as its own was lost. */
  readonly requeued: number
  /** Jobs whose ranks were lost too often; they are among the failed. */
  readonly gaveUp: number
  /** Ranks that were lost, and did not come back. */
  readonly lost: readonly number[]
  readonly wallMs: number
  readonly all: Figures
  /** In the order of ranks. */
  readonly ranks: readonly (RankFacts & Figures & { readonly lost: boolean })[]
}

/** What a run came to. */
export function summarize(books: Books, { wallMs, ranks, lost, counts }: RunFacts): DispatchSummary {
  return {
    schema: 'warpline-dispatch/1',
    jobs: counts.jobs,
    doneBefore: counts.doneBefore,
    notDone: counts.waiting + counts.inFlight,
    requeued: counts.requeued,
    gaveUp: counts.gaveUp,
    lost,
    wallMs,
    all: figuresOf(books.all(), wallMs),
    ranks: [...ranks]
      .sort((a, b) => a.rank - b.rank)
      .map(facts => ({ ...facts, lost: lost.includes(facts.rank), ...figuresOf(books.of(facts.rank), wallMs) })),
  }
}
