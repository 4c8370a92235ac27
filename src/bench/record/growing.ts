type Numbers = Float64Array | Uint32Array

/** Numbers one after the other in memory that doubles as they come, and is used again once they were taken. */
export class Growing<Array extends Numbers> {
  #numbers: Array
  #length = 0

  /**
   * @example
   * new Growing(length => new Float64Array(length))
   */
  constructor(
    private readonly make: (length: number) => Array,
    room = 256,
  ) {
    this.#numbers = make(room)
  }

  get length(): number {
    return this.#length
  }

  push(number: number): void {
    if (this.#length === this.#numbers.length) this.#grow(this.#length + 1)
    this.#numbers[this.#length++] = number
  }

  append(other: Growing<Array>): void {
    const length = this.#length + other.#length
    if (length > this.#numbers.length) this.#grow(length)
    // What is short is quicker copied by hand than by a view of it.
    if (other.#length > 32) this.#numbers.set(other.view(), this.#length)
    else for (let i = 0; i < other.#length; i++) this.#numbers[this.#length + i] = other.#numbers[i]!
    this.#length = length
  }

  /** Of what is in it, until it changes. */
  view(): Array {
    return this.#numbers.subarray(0, this.#length) as Array
  }

  /** What is in it, for good. */
  copy(): Array {
    return this.#numbers.slice(0, this.#length) as Array
  }

  clear(): void {
    this.#length = 0
  }

  #grow(least: number): void {
    const numbers = this.make(Math.max(least, 2 * this.#numbers.length))
    numbers.set(this.#numbers)
    this.#numbers = numbers
  }
}
