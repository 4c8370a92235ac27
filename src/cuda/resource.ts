import type { CudaContext } from './context.ts'

/** Something that a context holds. Its disposal can be repeated, and costs nothing once a reset has destroyed it. */
export abstract class Resource implements Disposable {
  readonly #generation: number
  #disposed = false

  constructor(readonly context: CudaContext) {
    this.#generation = context.generation
  }

  get disposed(): boolean {
    return this.#disposed
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return
    this.#disposed = true
    if (this.#generation !== this.context.generation) return
    this.context.use()
    this.release()
  }

  protected abstract release(): void
}
