import type { ClassState } from './class-state.ts'
import type { Capacity } from './request.ts'

/** Sequences beyond the engine's own that are let in, so that one that ends is followed without a gap: 1 in so many. */
const LOOKAHEAD = 16

interface Entering {
  readonly promptTokens: number
  readonly sequences: number
}

/** Counts what is in the engine and knows whether it takes more. */
export class Gate {
  #requests = 0
  #sequences = 0
  /** Of requests that were let in and not started: the engine's free KV tokens do not show them yet. */
  #promptTokens = 0
  #seenSequences = Number.POSITIVE_INFINITY
  #seenKvTokensFree = Number.POSITIVE_INFINITY

  constructor(
    private readonly capacity: () => Capacity,
    private readonly classes: readonly ClassState[],
  ) {}

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

  /** Whether it has a slot for one more of this rank. An engine that has nothing to do takes anything. */
  hasSlot({ sequences: wanted }: Entering, rank: number, now: number): boolean {
    if (this.#requests === 0) return true
    const { sequences, kvTokensFree } = this.capacity()
    this.#seenSequences = sequences
    this.#seenKvTokensFree = kvTokensFree
    let floors = 0
    let unused = 0
    for (let i = 0; i < rank; i++) {
      const floor = this.classes[i]!.floor(sequences, now)
      floors += floor
      unused += Math.max(0, floor - this.classes[i]!.sequences)
    }
    if (floors === 0) return this.#sequences < sequences + Math.max(1, Math.ceil(sequences / LOOKAHEAD))
    // Nothing is let in ahead: it would have the slot of the next higher one that ends.
    const most = Math.max(1, sequences - unused)
    // Who wants more than half of them would wait for ever; it may reach into what is kept.
    return this.#sequences + Math.min(wanted, Math.ceil(most / 2)) <= most
  }

  /** Whether there was KV cache for its prompt when {@link hasSlot} looked, which is to be asked right before. */
  hasMemory({ promptTokens }: Entering): boolean {
    return this.#requests === 0 || this.#promptTokens + promptTokens <= this.#seenKvTokensFree
  }

  enter(request: Entering, priorityClass: ClassState): void {
    this.#requests++
    this.#sequences += request.sequences
    this.#promptTokens += request.promptTokens
    priorityClass.running++
    priorityClass.sequences += request.sequences
  }

  started(request: Entering): void {
    this.#promptTokens -= request.promptTokens
  }

  /** `started`: whether {@link started} was called for it. */
  leave(request: Entering, priorityClass: ClassState, started: boolean): void {
    this.#requests--
    this.#sequences -= request.sequences
    priorityClass.running--
    priorityClass.sequences -= request.sequences
    if (!started) this.#promptTokens -= request.promptTokens
  }
}
