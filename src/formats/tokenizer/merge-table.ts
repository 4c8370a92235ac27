/**
 * The merges of a BPE: a pair of ids → its rank, the lower the earlier, and the id that it becomes.
 * An open-addressed hash in one typed array: half a million merges take 13 MB, and a look-up allocates nothing.
 */
export class MergeTable {
  /** The id that the merge of each rank makes. */
  readonly results: Int32Array
  /** Three numbers a slot: left id, right id, rank + 1; 0 is an empty slot. */
  readonly #slots: Int32Array
  readonly #mask: number

  /** `pairs` and `results` by rank; of a pair that comes twice the last counts, as in huggingface/tokenizers. */
  constructor(pairs: readonly (readonly [left: number, right: number])[], results: Int32Array) {
    this.results = results
    const size = 2 ** Math.ceil(Math.log2(pairs.length * 1.5 + 2))
    this.#slots = new Int32Array(size * 3)
    this.#mask = size - 1
    pairs.forEach(([left, right], rank) => {
      this.#slots.set([left, right, rank + 1], this.#find(left, right))
    })
  }

  /** −1 where the two do not merge. */
  rank(left: number, right: number): number {
    return this.#slots[this.#find(left, right) + 2]! - 1
  }

  #find(left: number, right: number): number {
    const slots = this.#slots
    let hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b)
    hash ^= hash >>> 15
    for (let index = hash & this.#mask; ; index = (index + 1) & this.#mask) {
      const slot = index * 3
      if (slots[slot + 2] === 0 || (slots[slot] === left && slots[slot + 1] === right)) return slot
    }
  }
}
