import { type Engine, EngineError, ModelLoadError } from '../engine/index.ts'
import { RefusedError } from './errors/errors.ts'

/** An engine that may still be loading. */
export class EngineSlot {
  #state: { readonly engine: Engine } | { readonly failure: unknown } | undefined
  readonly #ready: Promise<void>

  constructor(engine: Engine | Promise<Engine>) {
    if (!(engine instanceof Promise)) this.#state = { engine }
    this.#ready = Promise.resolve(engine).then(
      loaded => {
        this.#state = { engine: loaded }
      },
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

  /** Loading failed. */
  get failed(): boolean {
    return this.#state !== undefined && 'failure' in this.#state
  }

  /** @throws RefusedError while it is loading; what loading threw, where it failed */
  engine(): Engine {
    if (this.#state === undefined) throw new RefusedError('loading', 'Loading model', { 'Retry-After': '1' })
    if ('engine' in this.#state) return this.#state.engine
    const { failure } = this.#state
    throw failure instanceof EngineError ? failure : new ModelLoadError('loading failed', { cause: failure })
  }
}
