/** Sequences that it remembers. */
const MEMORY = 64

/**
 * How many tokens a sequence generates, as the ratio of tokens that came to sequences that ended. Those that still run
 * or were cancelled count in the one and not in the other, as they should: the mean of those that ended would at first
 * be that of the short ones.
 */
export class OutputLength {
  #tokens = 0
  #sequences = 0

  /** Undefined before the first sequence ended. */
  get mean(): number | undefined {
    return this.#sequences === 0 ? undefined : this.#tokens / this.#sequences
  }

  generated(tokens: number): void {
    this.#tokens += tokens
  }

  ended(sequences: number): void {
    const kept = MEMORY / (MEMORY + sequences)
    this.#tokens *= kept
    this.#sequences = (this.#sequences + sequences) * kept
  }
}
