/** A thing's place in one {@link Heap}; what lies in several has one for each. */
export class HeapEntry<T> {
  /** Kept by the heap; −1 while it is in none. */
  index = -1
  key = 0
  tie = 0

  constructor(readonly item: T) {}
}

/** A binary min-heap by `key`, then `tie`, whose entries can be moved and taken out wherever they are, in O(log n). */
export class Heap<T> {
  readonly #entries: HeapEntry<T>[] = []

  get size(): number {
    return this.#entries.length
  }

  /** The item with the least key. */
  get first(): T | undefined {
    return this.#entries[0]?.item
  }

  /** `Infinity` when there is none. */
  get firstKey(): number {
    return this.#entries[0]?.key ?? Number.POSITIVE_INFINITY
  }

  /** Puts an entry in, or moves the one that is in already. */
  put(entry: HeapEntry<T>, key: number, tie = entry.tie): void {
    entry.key = key
    entry.tie = tie
    if (entry.index < 0) entry.index = this.#entries.push(entry) - 1
    this.#settle(entry)
  }

  /** Whether it was in. */
  remove(entry: HeapEntry<T>): boolean {
    const at = entry.index
    if (at < 0) return false
    entry.index = -1
    const last = this.#entries.pop()!
    if (last !== entry) {
      last.index = at
      this.#settle(last)
    }
    return true
  }

  #settle(entry: HeapEntry<T>): void {
    const entries = this.#entries
    let at = entry.index
    for (let parent = (at - 1) >> 1; at > 0 && precedes(entry, entries[parent]!); parent = (at - 1) >> 1) {
      this.#lay(entries[parent]!, at)
      at = parent
    }
    for (let child = 2 * at + 1; child < entries.length; child = 2 * at + 1) {
      if (child + 1 < entries.length && precedes(entries[child + 1]!, entries[child]!)) child++
      if (!precedes(entries[child]!, entry)) break
      this.#lay(entries[child]!, at)
      at = child
    }
    this.#lay(entry, at)
  }

  #lay(entry: HeapEntry<T>, at: number): void {
    this.#entries[at] = entry
    entry.index = at
  }
}

function precedes<T>(a: HeapEntry<T>, b: HeapEntry<T>): boolean {
  return a.key < b.key || (a.key === b.key && a.tie < b.tie)
}
