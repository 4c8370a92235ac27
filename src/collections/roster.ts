/** What stands on a {@link Roster}. */
export interface Listed {
  /** Its place there; the roster's to set. −1 while it stands on none. */
  place: number
}

/**
 * Who is here, in no order: those who come and go by the ten thousand a second, each on one roster at most.
 *
 * A Set would do, but for this: each table that a Set outgrows refers to the next, and once one of them has reached V8's old
 * space, where garbage is seldom collected, it keeps alive all that came after it, with everything in them. That made
 * collecting garbage most of what a short request cost.
 */
export class Roster<T extends Listed> implements Iterable<T> {
  readonly #items: T[] = []

  get size(): number {
    return this.#items.length
  }

  add(item: T): void {
    item.place = this.#items.push(item) - 1
  }

  /** Does nothing where it is not here. */
  delete(item: T): void {
    if (item.place < 0) return
    const last = this.#items.pop()!
    if (last !== item) {
      this.#items[item.place] = last
      last.place = item.place
    }
    item.place = -1
  }

  /** As of now: who goes meanwhile is still told. */
  [Symbol.iterator](): IterableIterator<T> {
    return [...this.#items].values()
  }
}
