import { hash, mix } from './hash.ts'

/** Tokens in a block. */
export const BLOCK_SIZE = 16

interface Block {
  users: number
  /** Its prompt was processed: others may start from it. */
  filled: boolean
}

/** The blocks of one running sequence. */
export interface Lease {
  /** How many of the prompt's tokens lay in the cache. */
  readonly cachedTokens: number
  /** The prompt was processed. */
  filled(): void
  /** The sequence now has this many tokens. */
  grow(length: number): void
  /** The sequence is over; its full blocks stay as cache. */
  release(tokens: readonly number[]): void
}

/**
 * Counts blocks as a paged KV cache would: full blocks are known by the hash of all tokens up to their end and shared,
 * the last one of a sequence is its own, and unused full ones stay until their place is needed, least recently used
 * first.
 */
export class KvBlocks {
  #shared = new Map<number, Block>()
  /** Keys of shared blocks without users, least recently used first. */
  #idle = new Set<number>()
  #private = 0

  constructor(
    readonly total: number,
    private readonly prefixCache: boolean,
  ) {}

  get used(): number {
    return this.#shared.size - this.#idle.size + this.#private
  }

  lease(prompt: readonly number[]): Lease {
    const keys = this.prefixCache ? blockKeys(prompt) : []
    // The last token's logits are always computed, so a prompt is never cached whole.
    const reusable = Math.floor((prompt.length - 1) / BLOCK_SIZE)
    let hits = 0
    while (hits < Math.min(keys.length, reusable) && this.#shared.get(keys[hits]!)?.filled) hits++
    for (const key of keys) this.#take(key)
    let own = 0
    const resize = (blocks: number) => {
      this.#private += blocks - own
      own = blocks
      this.#evict()
    }
    resize(blocksFor(prompt.length) - keys.length)

    return {
      cachedTokens: hits * BLOCK_SIZE,
      filled: () => {
        for (const key of keys) this.#shared.get(key)!.filled = true
      },
      grow: length => {
        const blocks = blocksFor(length) - keys.length
        if (blocks > own) resize(blocks)
      },
      release: tokens => {
        resize(0)
        for (const key of keys) this.#giveBack(key)
        if (this.prefixCache) for (const key of blockKeys(tokens).slice(keys.length)) this.#keep(key)
        this.#evict()
      },
    }
  }

  #take(key: number): void {
    const block = this.#shared.get(key)
    if (block) block.users++
    else this.#shared.set(key, { users: 1, filled: false })
    this.#idle.delete(key)
  }

  #giveBack(key: number): void {
    const block = this.#shared.get(key)!
    if (--block.users > 0) return
    if (block.filled) this.#idle.add(key)
    else this.#shared.delete(key)
  }

  #keep(key: number): void {
    if (this.#shared.has(key)) return
    this.#shared.set(key, { users: 0, filled: true })
    this.#idle.add(key)
  }

  #evict(): void {
    for (const key of this.#idle) {
      if (this.#shared.size + this.#private <= this.total) return
      this.#idle.delete(key)
      this.#shared.delete(key)
    }
  }
}

export function blocksFor(tokens: number): number {
  return Math.ceil(tokens / BLOCK_SIZE)
}

/** One key for each full block: 53 bits that depend on all tokens up to its end. */
function blockKeys(tokens: readonly number[]): number[] {
  const keys: number[] = []
  let [low, high] = [1, 2]
  for (let i = 0; i < tokens.length; i++) {
    low = mix(low, tokens[i]!)
    high = mix(high ^ i, tokens[i]!)
    if ((i + 1) % BLOCK_SIZE === 0) keys.push(hash(low) * 2 ** 21 + (hash(high) >>> 11))
  }
  return keys
}
