import type { Arena } from './arena.ts'

/**
 * Room that an operation needs for itself while it runs. It is reserved at load as far as its size is known then; where
 * a step needs more, it grows to twice as much, so that growing ends soon.
 */
export class Scratch {
  #at = 0
  #bytes = 0

  constructor(private readonly arena: Arena) {}

  /** The address of at least `bytes` bytes, whatever they held. */
  of(bytes: number): number {
    if (bytes > this.#bytes) {
      this.#bytes = this.#bytes === 0 ? bytes : 2 * bytes
      this.#at = this.arena.take(this.#bytes, 'activations')
    }
    return this.#at
  }
}
