import { ActiveLanes } from './active-lanes.ts'
import { DecayingRate } from './decaying-rate.ts'
import { FairQueue } from './fair-queue.ts'
import { CLASS_DEFAULTS, type ClassOptions, PRIORITY_CLASSES, type PriorityClass } from './priority-class.ts'
import { type ClassSnapshot, newClassCounts } from './snapshot.ts'

/** As that of a tenant. */
const SERVED_WINDOW_MS = 10_000
/** What is kept for a class is kept for so long after its last request. */
const REMEMBERED_MS = 60_000
/** Engines with fewer sequences keep none for anybody. */
const SMALLEST_SHARED = 8

/** What is kept of one priority class. */
export class ClassState {
  readonly queue = new FairQueue()
  /** The tenants that run or wait in it. */
  readonly active = new ActiveLanes()
  /** Prompt and output tokens that it was given. */
  readonly served: DecayingRate
  readonly counts = newClassCounts()
  /** Requests in the engine. */
  running = 0
  /** Sequences of these. */
  sequences = 0
  /** When its last request came. */
  seenAt = Number.NEGATIVE_INFINITY

  constructor(
    readonly name: PriorityClass,
    /** 0 is the highest. */
    readonly rank: number,
    readonly options: ClassOptions,
    now: number,
  ) {
    this.served = new DecayingRate(SERVED_WINDOW_MS, now)
  }

  snapshot(): ClassSnapshot {
    const { queue, running, counts } = this
    return { waiting: queue.size, waitingTokens: queue.tokens, running, counts: { ...counts } }
  }

  /** The rank of whoever came at `arrivedAt`, by now. */
  rankOf(arrivedAt: number, now: number): number {
    return Math.max(0, this.rank - Math.floor((now - arrivedAt) / this.options.ageingMs))
  }

  /** Sequences, of so many of the engine's, that are its own for now. */
  floor(sequences: number, now: number): number {
    const { reservedShare } = this.options
    if (reservedShare === 0 || sequences < SMALLEST_SHARED || sequences === Number.POSITIVE_INFINITY) return 0
    if (this.running === 0 && now - this.seenAt > REMEMBERED_MS) return 0
    return Math.max(1, Math.floor(sequences * reservedShare))
  }
}

export type ClassSettings = Readonly<Partial<Record<PriorityClass, Partial<ClassOptions>>>>

/** All classes, by rank. */
export function newClasses(settings: ClassSettings, now: number): readonly ClassState[] {
  return PRIORITY_CLASSES.map(
    (name, rank) => new ClassState(name, rank, { ...CLASS_DEFAULTS[name], ...settings[name] }, now),
  )
}
