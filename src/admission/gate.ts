import type { Capacity } from './request.ts'

/** Sequences beyond the engine's own that are let in, so that one that ends is followed without a gap: 1 in so many. */
const LOOKAHEAD = 16

/** Counts what is in the engine and knows whether it takes more. */
export class Gate {
  #requests = 0
  #sequences = 0
  /** Of requests that were let in and not started: the engine's free KV tokens do not show them yet. */
  #promptTokens = 0
  #seenSequences = Number.POSITIVE_INFINITY

  constructor(private readonly capacity: () => Capacity) {}

  get requests(): number {
    return this.#requests
  }

  get sequences(): number {
    return this.#sequences
  }

  /** Whether the engine computes as many sequences as it can. */
  get isFull(): boolean {
    return this.#sequences >= this.#seenSequences
  }

  /** An engine that has nothing to do takes anything. */
  isOpenFor(promptTokens: number): boolean {
    if (this.#requests === 0) return true
    const { sequences, kvTokensFree } = this.capacity()
    this.#seenSequences = sequences
    const most = sequences + Math.max(1, Math.ceil(sequences / LOOKAHEAD))
    return this.#sequences < most && this.#promptTokens + promptTokens <= kvTokensFree
  }

  enter(request: { promptTokens: number; sequences: number }): void {
    this.#requests++
    this.#sequences += request.sequences
    this.#promptTokens += request.promptTokens
  }

  started(request: { promptTokens: number }): void {
    this.#promptTokens -= request.promptTokens
  }

  /** `started`: whether {@link started} was called for it. */
  leave(request: { promptTokens: number; sequences: number }, started: boolean): void {
    this.#requests--
    this.#sequences -= request.sequences
    if (!started) this.#promptTokens -= request.promptTokens
  }
}
