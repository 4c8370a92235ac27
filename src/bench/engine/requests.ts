import { SAMPLING_DEFAULTS } from '../../engine/index.ts'
import type { InProcessEngine } from '../../native/index.ts'

/** No two requests of a process begin alike, so that no prefix is found but where that is meant. */
let salt = 0

/** Requests to an engine's loop whose tokens mean nothing. */
export class Requests {
  /** Those that have drawn their first token. */
  readonly started = new Set<number>()
  readonly #running = new Set<number>()

  constructor(private readonly engine: InProcessEngine) {}

  get running(): number {
    return this.#running.size
  }

  /** Tokens for several requests to begin with. */
  beginning(length: number): readonly number[] {
    return this.#tokens(length, ++salt)
  }

  /** `length` tokens behind `beginning`, and how many to draw after them. */
  submit(length: number, maxTokens: number, beginning: readonly number[] = []): number {
    const id = ++salt
    const prompt = [...beginning, ...this.#tokens(length, id)]
    // Under one salt each, unless they are to find each other.
    const cacheSalt = beginning.length === 0 ? `${id}` : 'beginnings'
    const sampling = { ...SAMPLING_DEFAULTS, temperature: 0, ignoreEos: true, seed: id, maxTokens }
    this.engine.loop.submit({ id, prompt, priority: 0, cacheSalt, sampling })
    this.#running.add(id)
    return id
  }

  async step() {
    const result = await this.engine.loop.step()
    for (const outcome of result.outcomes) {
      if ('failure' in outcome) throw new Error(outcome.failure.message)
      if (outcome.event.type === 'start') this.started.add(outcome.job)
      if (outcome.event.type === 'done') this.#running.delete(outcome.job)
    }
    return result
  }

  /** Leaves nothing behind. */
  async end(): Promise<void> {
    for (const id of this.#running) this.engine.loop.abort(id)
    while (!this.engine.loop.idle) await this.step()
  }

  #tokens(length: number, seed: number): readonly number[] {
    const { vocabSize } = this.engine.model
    let state = Math.imul(seed, 0x9e3779b1) >>> 0
    return Array.from({ length }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return (state >>> 8) % vocabSize
    })
  }
}
