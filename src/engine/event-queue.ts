/**
 * Carries what one side pushes to one reader that iterates. Pushing never waits; a reader that is behind finds
 * everything in order. Ends after `end`, throws after `fail`.
 */
export class EventQueue<T> implements AsyncIterableIterator<T> {
  #items: T[] = []
  #at = 0
  #outcome: { readonly error?: unknown } | undefined
  #wake: (() => void) | undefined

  push(item: T): void {
    if (this.#outcome !== undefined) return
    this.#items.push(item)
    this.#wake?.()
  }

  end(): void {
    this.#outcome ??= {}
    this.#wake?.()
  }

  fail(error: unknown): void {
    this.#outcome ??= { error }
    this.#wake?.()
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    while (this.#at === this.#items.length) {
      if (this.#outcome !== undefined) {
        if ('error' in this.#outcome) throw this.#outcome.error
        return { done: true, value: undefined }
      }
      this.#items = []
      this.#at = 0
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
    return { done: false, value: this.#items[this.#at++]! }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
