/** What came lately per millisecond. The past weighs by how long it is gone: less by a factor of e each `windowMs`. */
export class DecayingRate {
  #amount = 0
  /** Milliseconds that `#amount` stands for, decayed as it is. */
  #span = 0
  /** Came since `#readAt`; taken as spread evenly, so that adding needs no clock. */
  #recent = 0
  #readAt: number

  constructor(
    public windowMs: number,
    now: number,
  ) {
    this.#readAt = now
  }

  add(amount: number): void {
    this.#recent += amount
  }

  /** 0 before any time has passed. */
  perMs(now: number): number {
    const passed = now - this.#readAt
    if (passed > 0) {
      const decay = Math.exp(-passed / this.windowMs)
      const weight = (this.windowMs / passed) * (1 - decay)
      this.#amount = this.#amount * decay + this.#recent * weight
      this.#span = this.#span * decay + passed * weight
      this.#recent = 0
      this.#readAt = now
    }
    return this.#span > 0 ? this.#amount / this.#span : 0
  }
}
