import type { Phase } from '../record/request-record.ts'
import type { Ask, Dialogue } from '../work/work.ts'
import { type LoadLoop, type LoopOptions, partOf } from './load-loop.ts'
import type { Outgoing } from './requester.ts'

export interface OpenLoopOptions extends LoopOptions {
  /** When requests of all clients are due, in ms of the run, ascending. */
  readonly arrivals: Iterator<number>
  /** Requests of all clients that may be under way at once. */
  readonly maxInFlight?: number | undefined
}

/** Sent in one turn of the event loop, however many are overdue: answers, and the run's end, must get their turn too. */
const MOST_AT_ONCE = 64

/** A dialogue of this client that begins at its time. */
interface Arrival {
  readonly index: number
  readonly dueMs: number
  readonly phase: Phase
  readonly dialogue: Dialogue
  readonly ask: Ask
}

/** A request that is due and was not sent. */
interface Held extends Omit<Outgoing, 'releasedMs'> {
  readonly dialogue: Dialogue
}

/** Requests that come at their own times, whatever becomes of those before. */
export class OpenLoop implements LoadLoop {
  readonly #limit: number
  /** Made ready before its time. */
  #next: Arrival | undefined
  #nextIndex = 0
  /** In order of due times. */
  #held: Held[] = []
  #inFlight = 0
  #cancelAlarm: (() => void) | undefined
  #stopped = false

  constructor(private readonly options: OpenLoopOptions) {
    const { maxInFlight, share } = options
    this.#limit = maxInFlight === undefined ? Number.POSITIVE_INFINITY : Math.max(1, partOf(maxInFlight, share))
  }

  get nextMs(): number {
    const now = this.options.clock.now()
    if (this.#next) return Math.min(now, this.#next.dueMs)
    // A trace has ended; those who are being answered may ask again.
    return this.#inFlight > 0 || this.#held.length > 0 ? now : Number.POSITIVE_INFINITY
  }

  start(): void {
    this.#advance()
    this.#fire()
  }

  stop(): void {
    if (this.#stopped) return
    this.#cancelAlarm?.()
    // Before it is said to be over: what was due by now was due.
    this.#takeDue(Number.POSITIVE_INFINITY, arrival => this.#held.push({ ...arrival, turn: 0 }))
    this.#stopped = true
    for (const held of this.#held) this.#drop(held)
    this.#held = []
  }

  #drop(held: Held): void {
    const { phases, requester, clock } = this.options
    requester.drop({ ...held, releasedMs: clock.now() })
    phases.end(held.phase)
  }

  #fire(): void {
    this.#takeDue(MOST_AT_ONCE, arrival => {
      if (this.#inFlight < this.#limit) this.#send(arrival, arrival.dialogue, 0, arrival.dueMs)
      else this.#held.push({ ...arrival, turn: 0 })
    })
    this.options.onEnd()
    if (this.#next && !this.#stopped)
      this.#cancelAlarm = this.options.clock.at(this.#next.dueMs, () => this.#guarded(() => this.#fire()))
  }

  #takeDue(most: number, take: (arrival: Arrival) => void): void {
    const now = this.options.clock.now()
    let left = most
    for (let next = this.#next; next && next.dueMs <= now && left > 0; next = this.#next) {
      take(next)
      this.#advance()
      left--
    }
  }

  /** Passes over what is other clients', which counts for phases all the same. */
  #advance(): void {
    const { arrivals, phases, share, work } = this.options
    this.#next = undefined
    for (;;) {
      const { done, value: dueMs } = arrivals.next()
      if (done) return
      const index = this.#nextIndex++
      const phase = phases.take(dueMs)
      if (index % share.of !== share.number) continue
      const dialogue = work.dialogue(index)
      const ask = dialogue.next(undefined)
      if (ask === undefined) throw new Error(`dialogue ${index} asks nothing`)
      // Not only once it is due: what comes after a lull is as much awaited as what is under way.
      phases.begin(phase)
      this.#next = { index, dueMs, phase, dialogue, ask }
      return
    }
  }

  #send(
    { ask, index, phase, dueMs }: Pick<Outgoing, 'ask' | 'index' | 'phase' | 'dueMs'>,
    dialogue: Dialogue,
    turn: number,
    releasedMs: number,
  ): void {
    this.#inFlight++
    const { requester, phases } = this.options
    void requester.send({ ask, index, turn, phase, dueMs, releasedMs }).then(({ outcome, text, endMs }) =>
      this.#guarded(() => {
        this.#inFlight--
        const ask = outcome === 'ok' && !this.#stopped ? dialogue.next(text) : undefined
        if (ask) {
          // The user's next turn is due now that there is an answer; it stands behind those who were due before.
          const followed = phases.follow(phase, endMs)
          phases.begin(followed)
          this.#held.push({ ask, index, turn: turn + 1, phase: followed, dueMs: endMs, dialogue })
        }
        phases.end(phase)
        this.#release(endMs)
        this.options.onEnd()
      }),
    )
  }

  #release(nowMs: number): void {
    while (this.#inFlight < this.#limit && !this.#stopped) {
      const held = this.#held.shift()
      if (held === undefined) return
      this.#send(held, held.dialogue, held.turn, nowMs)
    }
  }

  #guarded(run: () => void): void {
    try {
      run()
    } catch (error) {
      this.options.onError(error)
    }
  }
}
