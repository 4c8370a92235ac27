import type { Clock } from '../clock/index.ts'
import { type Engine, EngineError, ModelLoadError } from '../engine/index.ts'
import { RefusedError } from './errors/errors.ts'

/** What happens when an engine that was there is lost. */
export interface Recovery {
  readonly clock: Clock
  /** Told when it is lost, and of each attempt to open it anew that failed. */
  readonly onFailure: (reason: string) => void
  /** Opens it anew. Without it, what has failed stays. */
  readonly reopen?: (() => Promise<Engine>) | undefined
}

/** How often an engine is asked how it is, in ms. */
const WATCH_MS = 250
/** Before the first attempt to open it anew; each that fails, or does not last, doubles it. In ms. */
const FIRST_DELAY_MS = 1000
const LONGEST_DELAY_MS = 60_000
/** An engine that was well for so long was not opened in vain, in ms. */
const LASTING_MS = 60_000

/** An engine that may still be loading, and that may be opened anew when it is lost. */
export class EngineSlot implements Disposable {
  #state: { readonly engine: Engine } | { readonly failure: unknown } | undefined
  readonly #ready: Promise<void>
  #openedAt = 0
  #delayMs = FIRST_DELAY_MS
  /** The engine was lost, and all that follows has been set off. */
  #lost = false
  #disposed = false
  #cancelAlarm = () => {}

  constructor(
    engine: Engine | Promise<Engine>,
    private readonly recovery: Recovery,
  ) {
    if (!(engine instanceof Promise)) this.#opened(engine)
    this.#ready = Promise.resolve(engine).then(
      loaded => this.#opened(loaded),
      (failure: unknown) => {
        this.#state = { failure }
        throw failure
      },
    )
    this.#ready.catch(() => undefined)
  }

  /** @throws what loading threw */
  ready(): Promise<void> {
    return this.#ready
  }

  /** The engine, where there is one already. */
  get loaded(): Engine | undefined {
    return this.#state && 'engine' in this.#state ? this.#state.engine : undefined
  }

  /** Why there will be no engine any more; undefined while there is hope. */
  get failure(): string | undefined {
    this.#check()
    if (this.#state === undefined) return undefined
    if ('failure' in this.#state) return 'the model could not be loaded'
    const { status, reason } = this.#state.engine.health()
    return status === 'ready' || status === 'waiting' ? undefined : (reason ?? status)
  }

  /** @throws RefusedError while it is loading; what loading threw, where it failed */
  engine(): Engine {
    this.#check()
    if (this.#state === undefined) throw new RefusedError('loading', 'Loading model', { 'Retry-After': '1' })
    if ('engine' in this.#state) return this.#state.engine
    const { failure } = this.#state
    throw failure instanceof EngineError ? failure : new ModelLoadError('loading failed', { cause: failure })
  }

  /** Nothing is watched or opened any more. The engine stays the caller's. */
  [Symbol.dispose](): void {
    this.#disposed = true
    this.#cancelAlarm()
  }

  #opened(engine: Engine): void {
    if (this.loaded === engine) return
    this.#state = { engine }
    this.#lost = false
    this.#openedAt = this.recovery.clock.now()
    this.#watch()
  }

  #watch(): void {
    this.#after(WATCH_MS, () => this.#check() || this.#watch())
  }

  /** Whether the engine is lost; the first to see it sets off what follows. */
  #check(): boolean {
    const engine = this.loaded
    if (engine === undefined || this.#disposed || this.#lost) return false
    const { status, reason } = engine.health()
    if (status !== 'failed') return false
    this.#cancelAlarm()
    this.#lost = true
    this.recovery.onFailure(reason ?? 'the engine failed')
    if (this.recovery.reopen === undefined) return true
    this.#state = undefined
    if (this.recovery.clock.now() - this.#openedAt >= LASTING_MS) this.#delayMs = FIRST_DELAY_MS
    this.#reopenLater()
    return true
  }

  #reopenLater(): void {
    const delayMs = this.#delayMs
    this.#delayMs = Math.min(2 * delayMs, LONGEST_DELAY_MS)
    this.#after(delayMs, () => void this.#reopen())
  }

  async #reopen(): Promise<void> {
    try {
      const engine = await this.recovery.reopen!()
      if (!this.#disposed) this.#opened(engine)
    } catch (error) {
      if (this.#disposed) return
      this.recovery.onFailure(`it could not be opened anew: ${error instanceof Error ? error.message : String(error)}`)
      this.#reopenLater()
    }
  }

  #after(ms: number, run: () => void): void {
    if (this.#disposed) return
    const { clock } = this.recovery
    this.#cancelAlarm = clock.at(clock.now() + ms, run)
  }
}
