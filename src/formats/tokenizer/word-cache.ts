/** Words that come again are most of any text: an 8 KB page holds about 400 different ones. */
const WORDS_A_GENERATION = 16_384
/** UTF-16 units; longer words seldom come twice. */
const LONGEST_WORD = 64

/**
 * Word → ids, bounded: a full young generation becomes the old one, and what the old one held and nobody asked for
 * since is dropped. Cheaper than keeping an order of use, and as good here.
 */
export class WordCache {
  #young = new Map<string, readonly number[]>()
  #old = new Map<string, readonly number[]>()

  get(word: string): readonly number[] | undefined {
    const young = this.#young.get(word)
    if (young !== undefined) return young
    const old = this.#old.get(word)
    if (old !== undefined) this.set(word, old)
    return old
  }

  set(word: string, ids: readonly number[]): void {
    if (word.length > LONGEST_WORD) return
    if (this.#young.size >= WORDS_A_GENERATION) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(word, ids)
  }
}
