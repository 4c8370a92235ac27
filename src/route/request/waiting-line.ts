/** One who waits for room at an engine. */
export interface Waiter {
  /** There may be room. Whether it waits no longer. */
  resume(): boolean
}

/** Requests that found every engine full, in order of arrival; each whose engine has room goes first. */
export class WaitingLine {
  readonly #waiting = new Set<Waiter>()
  #isServing = false

  add(waiter: Waiter): void {
    this.#waiting.add(waiter)
  }

  delete(waiter: Waiter): void {
    this.#waiting.delete(waiter)
  }

  /** What goes may fail at once and make room again: that is seen in the same round. */
  serve(): void {
    if (this.#isServing) return
    this.#isServing = true
    for (const waiter of this.#waiting) if (waiter.resume()) this.#waiting.delete(waiter)
    this.#isServing = false
  }
}
