/** Numbers that come one by one, or many at once; eight bytes each. */
export class Column {
  #values = new Float64Array(64)
  #length = 0

  push(value: number): void {
    this.#makeRoom(1)
    this.#values[this.#length++] = value
  }

  append(values: Float64Array): void {
    this.#makeRoom(values.length)
    this.#values.set(values, this.#length)
    this.#length += values.length
  }

  /** As they came; a view, good until the next comes. */
  get values(): Float64Array {
    return this.#values.subarray(0, this.#length)
  }

  #makeRoom(count: number): void {
    const needed = this.#length + count
    if (needed <= this.#values.length) return
    const wider = new Float64Array(Math.max(needed, this.#values.length * 2))
    wider.set(this.#values)
    this.#values = wider
  }
}
