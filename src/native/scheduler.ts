import { blocksFor, type KvCache } from './kv/kv-cache.ts'
import { compareSequences, type Sequence } from './sequence.ts'

export interface SchedulerOptions {
  /** Tokens in one step, over all sequences. */
  readonly tokenBudget: number
  /** Sequences that hold KV blocks at once. */
  readonly maxSequences: number
}

/** One sequence's part of a step: process `tokens[start … start + count)`. */
export interface StepEntry {
  readonly sequence: Sequence
  readonly start: number
  readonly count: number
  /** Whether these are all its pending tokens, so that the step draws the next one. */
  readonly samples: boolean
  /** Which life of the sequence this is; each preemption begins a new one, in other blocks. */
  readonly life: number
}

export type StepPlan = readonly StepEntry[]

/**
 * Decides who runs in each step (the unified token budget of vLLM's V1 scheduler). Running sequences come first: those
 * that need one token, then those with more to process, each as far as the budget reaches; what is left admits waiting
 * ones. When blocks run out, the last in order gives all of its own back and starts over later.
 *
 * A sequence whose reader does not read is left out, running or waiting. It keeps its blocks while nobody else needs
 * them, and is the first to give them back.
 *
 * Pure: no clock, no randomness, no device. A step goes through `plan`, `commit` when it is enqueued, and `complete` when
 * it is over; the next one may be planned in between, one at most, on tokens that nobody knows yet. The device runs steps
 * in order, so blocks that are given back while a step in flight still touches them may be handed out at once: whoever
 * gets them writes later.
 */
export class Scheduler {
  /** In order: see {@link compareSequences}. */
  readonly #running: Sequence[] = []
  readonly #waiting: Sequence[] = []
  readonly #cancelled = new Set<Sequence>()
  #preemptions = 0

  constructor(
    readonly cache: KvCache,
    readonly options: SchedulerOptions,
  ) {}

  get running(): number {
    return this.#running.length
  }

  get waiting(): number {
    return this.#waiting.length
  }

  get paused(): number {
    return count(this.#running, isPaused) + count(this.#waiting, isPaused)
  }

  get preemptions(): number {
    return this.#preemptions
  }

  /** Nothing to do: nobody is there, or all are paused. */
  get idle(): boolean {
    return this.#cancelled.size === 0 && this.#running.every(isPaused) && this.#waiting.every(isPaused)
  }

  /** @throws RangeError when the sequence could never run, not even alone. */
  add(sequence: Sequence): void {
    if (blocksFor(sequence.tokens.length) > this.cache.blocks) {
      throw new RangeError(`${sequence.tokens.length} tokens do not fit into ${this.cache.blocks} KV blocks`)
    }
    insert(this.#waiting, sequence)
  }

  /** Takes the sequence out, at the next `plan`. */
  cancel(sequence: Sequence): void {
    if (sequence.status !== 'finished') this.#cancelled.add(sequence)
  }

  /** The next step; empty when there is nothing to do. */
  plan(): StepPlan {
    for (const sequence of this.#cancelled) this.finish(sequence)
    this.#cancelled.clear()

    const plan: StepEntry[] = []
    let budget = this.options.tokenBudget
    const before = this.#preemptions
    // The running list shrinks from its end when somebody is preempted, so membership is checked again at each turn.
    const decodes = this.#running.filter(sequence => sequence.pending === 1 && isDue(sequence))
    const prefills = this.#running.filter(sequence => sequence.pending > 1 && isDue(sequence))
    for (const list of [decodes, prefills]) {
      for (const sequence of list) {
        if (budget === 0) break
        if (sequence.status !== 'running') continue
        const count = Math.min(sequence.pending, budget)
        if (!this.#makeRoom(sequence, count)) continue
        plan.push(entry(sequence, count))
        budget -= count
      }
    }
    if (this.#preemptions === before) this.#admit(plan, budget)
    return plan
  }

  /** The step is enqueued: its work counts as done, and one token more is there of each entry that samples. */
  commit(plan: StepPlan): void {
    let row = 0
    for (const { sequence, count, samples } of plan) {
      sequence.computed += count
      if (!samples) continue
      sequence.unknown++
      sequence.drawnBy = row++
    }
  }

  /**
   * The step is over, and so is every one before it: what it drew is known, and is appended by the caller at once. Its
   * blocks may be found from here on, not before: a step that failed has left nothing to be found.
   */
  complete(plan: StepPlan): void {
    for (const { sequence, start, count, samples, life } of plan) {
      if (samples) sequence.unknown--
      if (sequence.status !== 'running' || sequence.preemptions !== life) continue
      this.cache.publish(sequence, start + count)
    }
  }

  /** Ends a sequence between steps and frees what it holds. Idempotent. */
  finish(sequence: Sequence): void {
    if (sequence.status === 'finished') return
    remove(sequence.status === 'running' ? this.#running : this.#waiting, sequence)
    this.cache.release(sequence)
    sequence.status = 'finished'
  }

  /** Throws when lists, states and blocks disagree. */
  checkIntegrity(): void {
    for (const sequence of this.#running) {
      if (sequence.status !== 'running') throw new Error(`a ${sequence.status} sequence is on the running list`)
      if (sequence.computed > sequence.length) throw new Error('more tokens are computed than there are')
    }
    for (const sequence of this.#waiting) {
      if (sequence.status !== 'waiting') throw new Error(`a ${sequence.status} sequence is on the waiting list`)
      if (sequence.blocks.length > 0) throw new Error('a waiting sequence holds blocks')
    }
    this.cache.checkIntegrity(this.#running)
  }

  /**
   * Blocks for `count` more tokens, at the expense of the paused, then of those behind in order; false when that
   * includes itself. Only sequences that need one token ever ask for a block here, as a prompt's were all taken at
   * admission: so whoever is preempted comes later in the same pass, and is not in the plan yet.
   */
  #makeRoom(sequence: Sequence, count: number): boolean {
    while (!this.cache.grow(sequence, sequence.computed + count)) {
      if (this.#preemptPaused()) continue
      const last = this.#running[this.#running.length - 1]!
      this.#preempt(last)
      if (last === sequence) return false
    }
    return true
  }

  /** Takes the blocks of the last one in order that is paused; false where there is none. */
  #preemptPaused(): boolean {
    const paused = this.#running.findLast(isPaused)
    if (paused === undefined) return false
    this.#preempt(paused)
    return true
  }

  #preempt(sequence: Sequence): void {
    remove(this.#running, sequence)
    this.cache.release(sequence)
    sequence.status = 'waiting'
    sequence.preemptions++
    this.#preemptions++
    insert(this.#waiting, sequence)
  }

  /**
   * Admits in order while the whole of a sequence's tokens would fit, so that a prefill never starves half-way
   * for lack of blocks that were there to see. Whoever is paused, or was preempted and waits to know its last token,
   * keeps nobody else out.
   */
  #admit(plan: StepEntry[], budget: number): void {
    let left = budget
    while (left > 0) {
      const sequence = this.#waiting.find(sequence => !sequence.paused && sequence.unknown === 0)
      if (sequence === undefined) return
      const match = this.cache.match(sequence)
      const fits = blocksFor(sequence.tokens.length) - match.blocks.length <= this.cache.freeBeside(match)
      if (!fits || this.#running.length >= this.options.maxSequences) {
        if (this.#preemptPaused()) continue
        return
      }
      remove(this.#waiting, sequence)
      this.cache.adopt(sequence, match)
      this.cache.grow(sequence, sequence.tokens.length)
      sequence.status = 'running'
      sequence.cachedAtStart ??= sequence.computed
      insert(this.#running, sequence)
      const count = Math.min(sequence.pending, left)
      plan.push(entry(sequence, count))
      left -= count
    }
  }
}

function entry(sequence: Sequence, count: number): StepEntry {
  const samples = count === sequence.pending
  return { sequence, start: sequence.computed, count, samples, life: sequence.preemptions }
}

function isDue(sequence: Sequence): boolean {
  return !sequence.paused && !sequence.ending
}

function isPaused(sequence: Sequence): boolean {
  return sequence.paused
}

function count(list: readonly Sequence[], is: (sequence: Sequence) => boolean): number {
  return list.reduce((sum, sequence) => sum + Number(is(sequence)), 0)
}

/** Keeps `list` in order. New arrivals go last among equals, so the search starts at the end. */
function insert(list: Sequence[], sequence: Sequence): void {
  let at = list.length
  while (at > 0 && compareSequences(list[at - 1]!, sequence) > 0) at--
  list.splice(at, 0, sequence)
}

function remove(list: Sequence[], sequence: Sequence): void {
  const at = list.indexOf(sequence)
  if (at >= 0) list.splice(at, 1)
}
