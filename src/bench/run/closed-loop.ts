import type { ClosedLoad } from '../load/load.ts'
import { type LoadLoop, type LoopOptions, partOf } from './load-loop.ts'

/** Before an unreachable target is asked again, in ms: what is refused at once would be refused thousands of times. */
const RETRY_MS = 100

export interface ClosedLoopOptions extends LoopOptions {
  readonly load: ClosedLoad
  /**
   * Over how long the slots begin, in ms, or until the first answer if that is sooner: all at once they would go on
   * in step, which no real users do.
   */
  readonly rampMs: number
}

/** Users who ask again when answered: each is a slot, and goes through dialogue after dialogue. */
export class ClosedLoop implements LoadLoop {
  /** Of this client. */
  readonly #slots: number
  #nextDialogue: number
  #begun = 0
  #spacingMs: number
  #cancelRamp: (() => void) | undefined
  readonly #pauses = new Set<() => void>()
  #stopped = false
  #answered = false

  constructor(private readonly options: ClosedLoopOptions) {
    const { load, share, rampMs } = options
    this.#slots = partOf(load.concurrency, share)
    this.#nextDialogue = share.number
    this.#spacingMs = rampMs / load.concurrency
  }

  start(): void {
    this.#ramp()
  }

  stop(): void {
    this.#stopped = true
    this.#cancelRamp?.()
    for (const wake of [...this.#pauses]) wake()
  }

  /** When the next slot is to begin: the slots of all clients are begun in turn. */
  #beginsAt(): number {
    const { number, of } = this.options.share
    return (this.#begun * of + number) * this.#spacingMs
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
      // Where the ramp has become shorter, a slot that is due by now had not been before.
      this.#slot(this.#answered ? clock.now() : at).catch(this.options.onError)
    }
  }

  /** A first answer's length is what the slots are spread over, if there is still something to spread. */
  #sawAnswer(ms: number): void {
    if (this.#answered) return
    this.#answered = true
    this.#spacingMs = Math.min(this.#spacingMs, ms / this.options.load.concurrency)
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
      this.#sawAnswer(answered.endMs - dueMs)
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
