import { HeapEntry } from './heap.ts'
import type { Lane } from './lane.ts'
import type { AdmissionRequest, Outcome, Place } from './request.ts'

/** What a visit tells of itself. */
export interface VisitHost {
  now(): number
  started(visit: Visit, cachedTokens: number): void
  generated(visit: Visit, tokens: number): void
  left(visit: Visit, outcome: Outcome): void
}

/** One request from its arrival until it is over: the state behind its {@link Place}. */
export class Visit implements Place {
  state: 'arrived' | 'waiting' | 'running' | 'over' = 'arrived'
  /** While it waits. */
  wait: Wait | undefined
  turn: Promise<void> | undefined
  /** When it was let into the engine. */
  admittedAt = 0
  /** When its prompt was processed. */
  startedAt: number | undefined
  cachedTokens = 0
  outputTokens = 0
  /** Tokens taken from its tenant's bucket. */
  bucketTokens = 0
  /** Output tokens that its tenant's counter was charged for. */
  chargedOutput = 0

  constructor(
    private readonly host: VisitHost,
    readonly request: AdmissionRequest,
    /** Its tenant's requests of its class. */
    readonly lane: Lane,
    /** Output tokens that will likely come, over all its sequences. */
    readonly expectedOutput: number,
    readonly arrivedAt: number,
    /** It came back at the time that it was booked for. */
    readonly booked: boolean,
  ) {}

  /** Tokens that it will likely keep the engine busy with. */
  get work(): number {
    return this.request.promptTokens + this.expectedOutput
  }

  get waitedMs(): number {
    return (this.state === 'waiting' ? this.host.now() : this.admittedAt) - this.arrivedAt
  }

  started(cachedTokens: number): void {
    if (this.state === 'running' && this.startedAt === undefined) this.host.started(this, cachedTokens)
  }

  generated(tokens: number): void {
    if (this.state === 'running') this.host.generated(this, tokens)
  }

  leave(outcome: Outcome): void {
    if (this.state !== 'over') this.host.left(this, outcome)
  }
}

/** A visit's entries in the heaps of those who wait, and what ends the waiting. */
export class Wait {
  /** Who starts first within the tenant. */
  readonly order: HeapEntry<Visit>
  /** Who is pushed out first within the tenant. */
  readonly newest: HeapEntry<Visit>
  readonly deadline: HeapEntry<Visit>
  resolve: (() => void) | undefined
  reject: ((error: Error) => void) | undefined

  constructor(visit: Visit) {
    this.order = new HeapEntry(visit)
    this.newest = new HeapEntry(visit)
    this.deadline = new HeapEntry(visit)
  }

  promise(): Promise<void> {
    const promise = new Promise<void>((resolve, reject) => {
      this.resolve = resolve
      this.reject = reject
    })
    // Nobody has to listen.
    promise.catch(() => {})
    return promise
  }
}
