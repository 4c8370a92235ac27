import { BLOCK_SIZE, BlockKeys } from './block-keys.ts'

/** A shared block's state is one number, so that remembering it takes no object: twice its users… */
const USER = 2
/** …and one where its prompt was processed: others may start from it. */
const FILLED = 1

/** The blocks of one running sequence. */
export interface Lease {
  /** How many of the prompt's tokens lay in the cache. */
  readonly cachedTokens: number
  /** The prompt was processed. */
  filled(): void
  /** The sequence has one token more. */
  append(token: number): void
  /** The sequence is over; its full blocks stay as cache. */
  release(): void
}

/** Half a million tokens, about what a GPU remembers; more would cost more to remember than to pretend. */
const MOST_IDLE = 32_768

/**
 * Counts blocks as a paged KV cache would: full blocks are known by the hash of all tokens up to their end and shared,
 * the last one of a sequence is its own, and unused full ones stay until their place is needed, least recently used
 * first.
 */
export class KvBlocks {
  #shared = new Map<number, number>()
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

  /** Prompts share blocks only where their salts are equal. */
  lease(prompt: readonly number[], salt = ''): Lease {
    const keys = this.prefixCache ? new BlockKeys(salt) : undefined
    const ofPrompt: number[] = []
    if (keys) {
      for (let i = 0; i < prompt.length; i++) {
        const key = keys.push(prompt[i]!)
        if (key !== undefined) ofPrompt.push(key)
      }
    }
    // The last token's logits are always computed, so a prompt is never cached whole.
    const reusable = Math.min(ofPrompt.length, Math.floor((prompt.length - 1) / BLOCK_SIZE))
    let hits = 0
    while (hits < reusable && this.#state(ofPrompt[hits]!) & FILLED) hits++
    for (const key of ofPrompt) this.#take(key)

    /** Keys of what the output filled: its own until the end, as two who write the same do so in two places. */
    const ofOutput: number[] = []
    let length = prompt.length
    let own = 0
    const resize = (blocks: number) => {
      this.#private += blocks - own
      own = blocks
      this.#evict()
    }
    resize(blocksFor(length) - ofPrompt.length)

    return {
      cachedTokens: hits * BLOCK_SIZE,
      filled: () => {
        for (const key of ofPrompt) this.#shared.set(key, this.#state(key) | FILLED)
      },
      append: token => {
        if (length++ % BLOCK_SIZE === 0) resize(own + 1)
        const key = keys?.push(token)
        if (key !== undefined) ofOutput.push(key)
      },
      release: () => {
        resize(0)
        for (const key of ofPrompt) this.#giveBack(key)
        for (const key of ofOutput) this.#keep(key)
        this.#evict()
      },
    }
  }

  #state(key: number): number {
    return this.#shared.get(key) ?? 0
  }

  #take(key: number): void {
    const state = this.#state(key)
    this.#shared.set(key, state + USER)
    if (state === FILLED) this.#idle.delete(key)
  }

  #giveBack(key: number): void {
    const state = this.#state(key) - USER
    if (state === 0) this.#shared.delete(key)
    else this.#shared.set(key, state)
    if (state === FILLED) this.#idle.add(key)
  }

  #keep(key: number): void {
    if (this.#shared.has(key)) return
    this.#shared.set(key, FILLED)
    this.#idle.add(key)
  }

  #evict(): void {
    if (!this.#tooMany()) return
    for (const key of this.#idle) {
      this.#idle.delete(key)
      this.#shared.delete(key)
      if (!this.#tooMany()) return
    }
  }

  #tooMany(): boolean {
    return this.#idle.size > MOST_IDLE || this.#shared.size + this.#private > this.total
  }
}

export function blocksFor(tokens: number): number {
  return Math.ceil(tokens / BLOCK_SIZE)
}
