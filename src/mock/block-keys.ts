import { hash, mix } from './hash.ts'

/** Tokens in a block. */
export const BLOCK_SIZE = 16

/**
 * Names the full blocks of one sequence as its tokens come: 53 bits that depend on the salt and on all tokens up to the
 * block's end. It keeps no tokens.
 */
export class BlockKeys {
  #low = 1
  #high = 2
  #length = 0

  constructor(salt: string) {
    for (let i = 0; i < salt.length; i++) this.#take(~i, salt.charCodeAt(i))
  }

  /** Takes the next token; its block's key, where the token fills one. */
  push(token: number): number | undefined {
    this.#take(this.#length++, token)
    if (this.#length % BLOCK_SIZE !== 0) return undefined
    return hash(this.#low) * 2 ** 21 + (hash(this.#high) >>> 11)
  }

  #take(place: number, value: number): void {
    this.#low = mix(this.#low, value)
    this.#high = mix(this.#high ^ place, value)
  }
}
