import { digestOf, KEY_LENGTH, type Key } from './key.ts'
import { KeysError } from './keys-error.ts'

const WORDS = 8

/**
 * Finds keys by what they hash to. The same work is done whichever key is found, and when none is: what is given is
 * hashed, and its digest compared with all of all others, eight words each. crypto.timingSafeEqual would do the same at
 * five times the cost for a hundred keys.
 */
export class KeyTable<T> {
  readonly #digests: Int32Array
  readonly #values: readonly T[]
  readonly #given = new Int32Array(WORDS)

  /** @throws KeysError where two have one name or one key, or there is none */
  constructor(keys: readonly Key[], whatFor: (key: Key) => T) {
    if (keys.length === 0) throw new KeysError('there is no key')
    if (new Set(keys.map(({ name }) => name)).size < keys.length) throw new KeysError('two keys have the same name')
    if (new Set(keys.map(({ digest }) => digest.toString('hex'))).size < keys.length)
      throw new KeysError('the same key has two names')
    this.#digests = new Int32Array(keys.length * WORDS)
    for (const [i, { digest }] of keys.entries()) this.#write(digest, this.#digests, i * WORDS)
    this.#values = keys.map(whatFor)
  }

  /** What belongs to this key. */
  find(key: string): T | undefined {
    // No key is as long; hashing what an attacker sends should not cost more than that.
    if (key.length > KEY_LENGTH.max) return undefined
    const given = this.#given
    const digests = this.#digests
    this.#write(digestOf(key), given, 0)
    let found = -1
    for (let i = 0; i < this.#values.length; i++) {
      let difference = 0
      for (let j = 0; j < WORDS; j++) difference |= digests[i * WORDS + j]! ^ given[j]!
      if (difference === 0) found = i
    }
    return this.#values[found]
  }

  #write(digest: Buffer, words: Int32Array, at: number): void {
    for (let j = 0; j < WORDS; j++) words[at + j] = digest.readInt32LE(j * 4)
  }
}
