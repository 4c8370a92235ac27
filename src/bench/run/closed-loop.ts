import type { ClosedLoad } from '../load/load.ts'
import { type LoadLoop, type LoopOptions, partOf } from './load-loop.ts'

/** Before an unreachable target is asked again, in ms: what is refused at once would be refused thousands of times. */
const RETRY_MS = 100

export interface ClosedLoopOptions extends LoopOptions {
  readonly load: ClosedLoad
  /**
   * Over how long the slots begin at most, in ms; less where answers take less: all at once they would go on in step,
   * which no real users do.
   */
  readonly rampMs: number
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
    while (!this.#stopped) {
      const index = this.#nextDialogue
      this.#nextDialogue += this.options.share.of
      freeMs = await this.#dialogue(index, freeMs)
    }
  }

  /** Returns when the slot is free again. */
  async #dialogue(index: number, beginsAt: number): Promise<number> {
    const { work, phases, requester } = this.options
    const dialogue = work.dialogue(index)
    let dueMs = beginsAt
    let text: string | undefined
    for (let turn = 0; !this.#stopped; turn++) {
      const ask = dialogue.next(text)
      if (ask === undefined && turn === 0) throw new Error(`dialogue ${index} asks nothing`)
      if (ask === undefined) break
      const phase = phases.take(dueMs)
      phases.begin(phase)
      const answered = await requester.send({ ask, index, turn, phase, dueMs, releasedMs: dueMs })
      phases.end(phase)
      this.options.onEnd()
      this.#sawAnswer(answered.endMs, answered.endMs - dueMs)
      dueMs = answered.endMs
      text = answered.text
      if (answered.outcome === 'unreachable') {
        dueMs += RETRY_MS
        await this.#pause(dueMs)
      }
      if (answered.outcome !== 'ok') break
    }
    return dueMs
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
