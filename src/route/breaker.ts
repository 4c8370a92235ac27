import type { Clock } from '../clock/index.ts'
import { EngineError, type EngineErrorCode } from '../engine/index.ts'
import type { BreakerOptions } from './router.ts'

export type BreakerState = 'closed' | 'open' | 'half-open'

/** What a request that was let through came to. `neither` says nothing of the engine: the client left, or asked for too much. */
export type PassOutcome = 'succeeded' | 'failed' | 'neither'

/** That a request was let through. */
export interface Pass {
  /** Once; later calls do nothing. */
  end(outcome: PassOutcome): void
}

const DEFAULTS: Required<BreakerOptions> = { failures: 5, openMs: 1000, successes: 2 }

/** How often the time that an engine is left alone doubles. */
const MOST_DOUBLINGS = 4

/**
 * Leaves an engine alone that fails, and tries it again with one request at a time. Closed, it lets all through; after so
 * many failures in a row it opens, and lets none; when its time is up it is half open, and lets one through after the
 * other: enough successes close it, a failure opens it for twice as long as before.
 *
 * @example
 * const pass = breaker.mayPass ? breaker.pass() : undefined
 * pass?.end('succeeded')
 */
export class Breaker {
  readonly #options: Required<BreakerOptions>
  #isClosed = true
  #failures = 0
  #successes = 0
  #openUntil = 0
  #doublings = 0
  /** Half open: its one request is under way. */
  #trying = false
  /** Counts openings and closings: what was let through before the last says nothing of now. */
  #era = 0

  constructor(
    options: BreakerOptions | undefined,
    private readonly clock: Pick<Clock, 'now'>,
  ) {
    this.#options = { ...DEFAULTS, ...options }
  }

  get state(): BreakerState {
    if (this.#isClosed) return 'closed'
    return this.clock.now() < this.#openUntil ? 'open' : 'half-open'
  }

  get mayPass(): boolean {
    return this.#isClosed || (this.clock.now() >= this.#openUntil && !this.#trying)
  }

  /** Milliseconds until it tries the engine again; 0 where it does not keep requests away. */
  get retryAfterMs(): number {
    return this.#isClosed ? 0 : Math.max(0, this.#openUntil - this.clock.now())
  }

  /** Lets a request through, which {@link mayPass} must allow; its end is to be told. */
  pass(): Pass {
    const trying = !this.#isClosed
    const era = this.#era
    if (trying) this.#trying = true
    let ended = false
    return {
      end: outcome => {
        if (ended) return
        ended = true
        if (era !== this.#era) return
        if (trying) this.#trying = false
        if (outcome === 'succeeded') this.#succeeded()
        else if (outcome === 'failed') this.#failed()
      },
    }
  }

  /** The engine was opened anew: nothing that was known of it holds. */
  reset(): void {
    this.#close()
  }

  #succeeded(): void {
    this.#failures = 0
    if (!this.#isClosed && ++this.#successes >= this.#options.successes) this.#close()
  }

  #failed(): void {
    if (this.#isClosed) {
      if (++this.#failures < this.#options.failures) return
      this.#doublings = 0
    } else this.#doublings = Math.min(this.#doublings + 1, MOST_DOUBLINGS)
    this.#isClosed = false
    this.#openUntil = this.clock.now() + this.#options.openMs * 2 ** this.#doublings
    this.#begin()
  }

  #close(): void {
    this.#isClosed = true
    this.#begin()
  }

  #begin(): void {
    this.#failures = 0
    this.#successes = 0
    this.#trying = false
    this.#era++
  }
}

/** An engine's own fault; everything else is the request's, the client's or the time's. */
const FAULTS: ReadonlySet<EngineErrorCode> = new Set(['unreachable', 'engine_closed', 'internal'])

/**
 * Whether an error that an engine threw speaks against the engine. One that is no EngineError does, as engines throw no
 * others. An engine that was too slow for the router, by its first token or between two, throws nothing: that is a failure
 * too.
 */
export function isFault(error: unknown): boolean {
  return !(error instanceof EngineError) || FAULTS.has(error.code)
}
