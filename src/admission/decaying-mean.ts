/** The mean of what came lately: of all at first, then the past weighs less by 1 in `memory` with each new one. */
export class DecayingMean {
  #mean: number | undefined
  #count = 0

  constructor(private readonly memory: number) {}

  /** Undefined before the first. */
  get value(): number | undefined {
    return this.#mean
  }

  add(value: number): void {
    if (this.#count < this.memory) this.#count++
    this.#mean = this.#mean === undefined ? value : this.#mean + (value - this.#mean) / this.#count
  }
}
