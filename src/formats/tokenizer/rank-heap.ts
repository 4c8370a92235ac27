const PLACES = 2 ** 31

/** A binary min-heap of ranks below 2²² at places below 2³¹: each pair is one double, so that order is one comparison. */
export class RankHeap {
  /** What the last successful {@link pop} took out. */
  rank = 0
  place = 0
  #keys: Float64Array
  #size = 0

  constructor(capacity: number) {
    this.#keys = new Float64Array(capacity + 1)
  }

  push(rank: number, place: number): void {
    if (this.#size === this.#keys.length) {
      const larger = new Float64Array(this.#size * 2)
      larger.set(this.#keys)
      this.#keys = larger
    }
    const keys = this.#keys
    const key = rank * PLACES + place
    let at = this.#size++
    for (let parent = (at - 1) >> 1; at > 0 && keys[parent]! > key; parent = (at - 1) >> 1) {
      keys[at] = keys[parent]!
      at = parent
    }
    keys[at] = key
  }

  /** Whether there was any; it is then in `rank` and `place`. */
  pop(): boolean {
    if (this.#size === 0) return false
    const keys = this.#keys
    const least = keys[0]!
    this.rank = Math.floor(least / PLACES)
    this.place = least - this.rank * PLACES
    const last = keys[--this.#size]!
    const size = this.#size
    let at = 0
    for (let child = 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && keys[child + 1]! < keys[child]!) child++
      if (keys[child]! >= last) break
      keys[at] = keys[child]!
      at = child
    }
    keys[at] = last
    return true
  }
}
