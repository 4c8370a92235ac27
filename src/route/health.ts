import type { Clock } from '../clock/index.ts'
import type { EngineHealth } from '../engine/index.ts'
import type { BreakerState } from './breaker.ts'
import type { HealthOptions } from './router.ts'
import type { UpstreamPhase } from './upstream.ts'

const DEFAULTS: Required<HealthOptions> = { intervalMs: 1000, ill: 2, well: 1 }

/** How an engine is, to be asked at any time. */
export type Look = () => EngineHealth | Promise<EngineHealth>

/**
 * Looks at an engine again and again, and says that it is ill or well once several looks in a row agree. A look that takes
 * longer than the time between two counts as ill. Begins well, and with a look.
 *
 * @example
 * using watch = new HealthWatch(() => engine.health(), clock, { intervalMs: 500 })
 * watch.isWell
 */
export class HealthWatch implements Disposable {
  readonly #options: Required<HealthOptions>
  #isWell = true
  #reason: string | undefined
  /** Looks in a row that spoke against what it says. */
  #against = 0
  #cancel: (() => void) | undefined
  #isOver = false

  /** `changed` is called when it says something else than before. */
  constructor(
    private readonly look: Look,
    private readonly clock: Clock,
    options: HealthOptions | undefined,
    private readonly changed: () => void = () => {},
  ) {
    this.#options = { ...DEFAULTS, ...options }
    this.#next(clock.now())
  }

  get isWell(): boolean {
    return this.#isWell
  }

  /** Why it is ill. */
  get reason(): string | undefined {
    return this.#reason
  }

  stop(): void {
    this.#isOver = true
    this.#cancel?.()
  }

  [Symbol.dispose](): void {
    this.stop()
  }

  #next(at: number): void {
    if (!this.#isOver) this.#cancel = this.clock.at(at, () => this.#take())
  }

  #take(): void {
    const next = this.clock.now() + this.#options.intervalMs
    let isDone = false
    const saw = (reason: string | undefined) => {
      if (isDone || this.#isOver) return
      isDone = true
      this.#cancel?.()
      this.#saw(reason)
      this.#next(next)
    }
    this.#cancel = this.clock.at(next, () => saw(`it does not tell how it is within ${this.#options.intervalMs} ms`))
    answerOf(this.look).then(saw)
  }

  #saw(reason: string | undefined): void {
    const isWell = reason === undefined
    if (!isWell) this.#reason = reason
    if (isWell === this.#isWell) {
      this.#against = 0
      return
    }
    if (++this.#against < (isWell ? this.#options.well : this.#options.ill)) return
    this.#isWell = isWell
    this.#against = 0
    this.changed()
  }
}

/** Why it is ill; undefined where it is well. */
async function answerOf(look: Look): Promise<string | undefined> {
  try {
    const { status, reason } = await look()
    return status === 'ready' ? undefined : (reason ?? `it is ${status}`)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

export interface UpstreamSigns {
  readonly isOpen: boolean
  readonly isDraining: boolean
  /** Of its last look. */
  readonly health: Pick<HealthWatch, 'isWell' | 'reason'> | undefined
  readonly breaker: BreakerState
}

/** What is told of an upstream. Half open it is ready: requests do reach it. */
export function phaseOf({ isOpen, isDraining, health, breaker }: UpstreamSigns): {
  readonly phase: UpstreamPhase
  readonly reason?: string
} {
  if (isDraining) return { phase: 'draining' }
  if (!isOpen) return { phase: 'opening' }
  if (health?.isWell === false) return { phase: 'ejected', reason: health.reason ?? 'it says that it is not well' }
  if (breaker === 'open') return { phase: 'ejected', reason: 'its last requests failed' }
  return { phase: 'ready' }
}
