import type { Phase } from '../record/request-record.ts'
import type { Extent } from './run.ts'

const NEVER = Number.POSITIVE_INFINITY

export interface PhasesOptions {
  readonly warmUp: Extent
  readonly measure: Extent
  /**
   * Where requests are warmed up with by several processes and seconds are measured, all begin to measure at one time:
   * whoever has made its requests says so and goes on until {@link Phases.measureFrom} tells when. Default: it begins by
   * itself.
   */
  readonly onWarm?: (() => void) | undefined
}

/**
 * Which part of a run a request belongs to. Extents in seconds go by when a request is due, extents in requests by how
 * many were due before: what is due next is asked about in order.
 *
 * What counts is over once no more of it can come and all of it has ended.
 */
export class Phases {
  readonly #warmUpRequests: number
  readonly #requests: number
  /** Where the measured part lies, as far as that is a matter of time. */
  #fromMs: number
  #taken = 0
  #measured = 0
  #pending = 0
  #latest: Phase = 'warm-up'
  #said = false

  constructor(private readonly options: PhasesOptions) {
    const { warmUp, measure } = options
    this.#warmUpRequests = 'requests' in warmUp ? warmUp.requests : 0
    this.#requests = 'requests' in measure ? measure.requests : NEVER
    this.#fromMs = 'seconds' in warmUp ? warmUp.seconds * 1000 : NEVER
  }

  /** Of what was due last. */
  get latest(): Phase {
    return this.#latest
  }

  /** After this nothing is measured any more; Infinity while that is not known, or no matter of time. */
  get toMs(): number {
    const { measure } = this.options
    return 'seconds' in measure ? this.#fromMs + measure.seconds * 1000 : NEVER
  }

  /** The phase of a request that is due at `dueMs`, which now counts. Not before those that were asked about. */
  take(dueMs: number): Phase {
    this.#taken++
    if (this.#fromMs === NEVER && this.#taken > this.#warmUpRequests) this.#warm(dueMs)
    const phase = dueMs < this.#fromMs ? 'warm-up' : this.#left(dueMs) ? 'measure' : 'cool-down'
    if (phase === 'measure') this.#measured++
    this.#latest = phase
    return phase
  }

  /** The phase of what follows, at `dueMs`, from a request of phase `before`, and counts with it. */
  follow(before: Phase, dueMs: number): Phase {
    if ('requests' in this.options.measure) return before
    return dueMs < this.#fromMs ? 'warm-up' : dueMs < this.toMs ? 'measure' : 'cool-down'
  }

  /** What counts begins at this time. */
  measureFrom(ms: number): void {
    this.#fromMs = ms
  }

  begin(phase: Phase): void {
    if (phase === 'measure') this.#pending++
  }

  end(phase: Phase): void {
    if (phase === 'measure') this.#pending--
  }

  /** Whether all that counts has ended, if nothing that comes from now on is due before `nextMs`. */
  isOver(nextMs: number): boolean {
    return this.#pending === 0 && !this.#left(nextMs)
  }

  #left(dueMs: number): boolean {
    return this.#measured < this.#requests && dueMs < this.toMs
  }

  #warm(dueMs: number): void {
    if ('requests' in this.options.measure) this.#fromMs = -NEVER
    else if (this.options.onWarm === undefined) this.#fromMs = dueMs
    else if (!this.#said) {
      this.#said = true
      this.options.onWarm()
    }
  }
}
