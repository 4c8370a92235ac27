import type { ClosedLoad } from '../load/load.ts'
import type { Ask, Dialogue } from '../work/work.ts'
import { type LoadLoop, type LoopOptions, partOf } from './load-loop.ts'

/** Until a slot whose request failed is free again, in ms: what is refused at once would be refused thousands of times. */
const RETRY_MS = 100

export interface ClosedLoopOptions extends LoopOptions {
  readonly load: ClosedLoad
  /**
   * Over how long the slots begin at most, in ms; less where answers take less: all at once they would go on in step,
   * which no real users do.
   */
  readonly rampMs: number
}

/** A dialogue that has not begun. */
interface Prepared {
  readonly index: number
  readonly dialogue: Dialogue
  readonly ask: Ask
}

/** Users who ask again when answered: each is a slot, and goes through dialogue after dialogue. */
export class ClosedLoop implements LoadLoop {
  /** Of this client. */
  readonly #slots: number
  #nextDialogue: number
  #begun = 0
  /** What the slots that have not begun are spread over, once an answer has told: from when, between two, how many had begun. */
  #spread: { readonly fromMs: number; readonly spacingMs: number; readonly begun: number } | undefined
  #cancelRamp: (() => void) | undefined
  readonly #pauses = new Set<() => void>()
  #stopped = false

  constructor(private readonly options: ClosedLoopOptions) {
    const { load, share } = options
    this.#slots = partOf(load.concurrency, share)
    this.#nextDialogue = share.number
  }

  get nextMs(): number {
    return this.options.clock.now()
  }

  start(): void {
    this.#ramp()
  }

  stop(): void {
    this.#stopped = true
    this.#cancelRamp?.()
    for (const wake of [...this.#pauses]) wake()
  }

  /** When the next slot is to begin: those of all clients do so in turn, but for the first of each, which tells how long an answer takes. */
  #beginsAt(): number {
    if (this.#begun === 0) return 0
    const { load, share, rampMs } = this.options
    const { number, of } = share
    const at = (this.#begun * of + number) * (rampMs / load.concurrency)
    if (this.#spread === undefined) return at
    const { fromMs, spacingMs, begun } = this.#spread
    return Math.min(at, fromMs + ((this.#begun - begun) * of + number + 1) * spacingMs)
  }

  #ramp(): void {
    const { clock } = this.options
    this.#cancelRamp?.()
    while (!this.#stopped && this.#begun < this.#slots) {
      const at = this.#beginsAt()
      if (at > clock.now()) {
        this.#cancelRamp = clock.at(at, () => this.#ramp())
        return
      }
      this.#begun++
      this.#slot(at).catch(this.options.onError)
    }
  }

  /** Slots that have not begun need not wait longer than it takes to be as many as there will be, spread evenly. */
  #sawAnswer(fromMs: number, tookMs: number): void {
    if (this.#spread !== undefined) return
    this.#spread = { fromMs, spacingMs: tookMs / this.options.load.concurrency, begun: this.#begun }
    this.#ramp()
  }

  async #slot(beginsAt: number): Promise<void> {
    let freeMs = beginsAt
    let ready: Prepared | undefined
    while (!this.#stopped) {
      const current = ready ?? this.#prepare()
      ready = undefined
      freeMs = await this.#dialogue(current, freeMs, () => {
        ready ??= this.#prepare()
      })
    }
  }

  /** A dialogue up to its first request. */
  #prepare(): Prepared {
    const index = this.#nextDialogue
    this.#nextDialogue += this.options.share.of
    const dialogue = this.options.work.dialogue(index)
    const ask = dialogue.next(undefined)
    if (ask === undefined) throw new Error(`dialogue ${index} asks nothing`)
    return { index, dialogue, ask }
  }

  /** Returns when the slot is free again. `meanwhile` is called while there is nothing else to do. */
  async #dialogue({ index, dialogue, ask: first }: Prepared, beginsAt: number, meanwhile: () => void): Promise<number> {
    const { clock, phases, requester } = this.options
    let dueMs = beginsAt
    let ask: Ask | undefined = first
    for (let turn = 0; ask !== undefined && !this.#stopped; turn++) {
      const phase = phases.take(dueMs)
      phases.begin(phase)
      const answer = requester.send({ ask, index, turn, phase, dueMs, releasedMs: dueMs })
      // Not at once: other slots may have become free with this one.
      if (turn === 0) clock.at(dueMs, () => this.#guarded(meanwhile))
      const { outcome, endMs, text } = await answer
      phases.end(phase)
      this.options.onEnd()
      this.#sawAnswer(endMs, endMs - dueMs)
      dueMs = endMs
      if (outcome !== 'ok') {
        dueMs += RETRY_MS
        await this.#pause(dueMs)
      }
      ask = outcome === 'ok' && !this.#stopped ? dialogue.next(text) : undefined
    }
    return dueMs
  }

  #guarded(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.options.onError(error)
    }
  }

  #pause(until: number): Promise<void> {
    return new Promise(resolve => {
      const wake = () => {
        cancel()
        this.#pauses.delete(wake)
        resolve()
      }
      const cancel = this.options.clock.at(until, wake)
      this.#pauses.add(wake)
      if (this.#stopped) wake()
    })
  }
}
