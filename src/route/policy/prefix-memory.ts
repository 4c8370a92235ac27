/**
 * Which blocks an engine was sent, as hashes: a guess at what lies in its prefix cache. The least recently sent go first, of
 * one prompt the last first, so whenever a block is known, all before it are.
 */
export class PrefixMemory {
  readonly #blocks = new Set<number>()

  /** `limit`: of blocks. */
  constructor(private readonly limit: number) {}

  get size(): number {
    return this.#blocks.size
  }

  /** How many of these chained hashes it knows, from the first on. */
  match(blocks: readonly number[]): number {
    let low = 0
    let high = blocks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#blocks.has(blocks[middle]!)) low = middle + 1
      else high = middle
    }
    return low
  }

  add(blocks: readonly number[]): void {
    for (let i = blocks.length - 1; i >= 0; i--) {
      this.#blocks.delete(blocks[i]!)
      this.#blocks.add(blocks[i]!)
    }
    for (const block of this.#blocks) {
      if (this.#blocks.size <= this.limit) break
      this.#blocks.delete(block)
    }
  }
}
