/** Numbers that come one by one, eight bytes each. */
export class Column {
  #values = new Float64Array(64)
  #length = 0

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const wider = new Float64Array(this.#length * 2)
      wider.set(this.#values)
      this.#values = wider
    }
    this.#values[this.#length++] = value
  }

  /** As they came; a view, good until the next comes. */
  get values(): Float64Array {
    return this.#values.subarray(0, this.#length)
  }
}
