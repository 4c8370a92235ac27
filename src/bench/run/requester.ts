import type { Clock } from '../../clock/index.ts'
import { type Listed, Roster } from '../../collections/index.ts'
import { type DoneEvent, type Engine, EngineError, type GenerateRequest, InternalError } from '../../engine/index.ts'
import { Arrivals } from '../record/arrivals.ts'
import { requestId } from '../record/record-columns.ts'
import type { Phase, RequestRecord } from '../record/request-record.ts'
import type { Ask } from '../work/work.ts'
import type { Ledger } from './ledger.ts'

/** One request that is to be made now. */
export interface Outgoing {
  readonly ask: Ask
  readonly index: number
  readonly turn: number
  readonly phase: Phase
  readonly dueMs: number
  /** From when on nothing but the client itself holds it up: its due time, or when a limit let it go. */
  readonly releasedMs: number
}

/** What became of it. */
export interface Answered {
  readonly endMs: number
  readonly outcome: RequestRecord['outcome']
  readonly text: string
}

export interface RequesterOptions {
  readonly engine: Engine
  readonly clock: Clock
  readonly ledger: Ledger
  readonly runId: string
  readonly timeline: boolean
  readonly timeoutMs: number
}

/** A request under way. */
interface Flight extends Listed {
  readonly outgoing: Outgoing
  readonly arrivals: Arrivals
  readonly controller: AbortController
  readonly sentMs: number
  startMs: number | null
  promptTokens: number
  cachedTokens: number
  tokens: number
  text: string
  done: DoneEvent | undefined
  /** Given up by the client. */
  given: 'deadline_exceeded' | 'aborted' | undefined
  settle: ((answered: Answered) => void) | undefined
}

/** Makes requests of an engine, one record each, whatever becomes of it. */
export class Requester {
  /** No `Set`: its tables, which it leaves behind as requests come and go, would each keep what was in it alive. */
  readonly #flights = new Roster<Flight>()
  /** Used again: a request's own would live long enough to be costly garbage. */
  readonly #spareArrivals: Arrivals[] = []
  readonly #spareControllers: AbortController[] = []
  #cancelAlarm: (() => void) | undefined
  #stopped = false

  constructor(private readonly options: RequesterOptions) {}

  get inFlight(): number {
    return this.#flights.size
  }

  /** Never throws. */
  send(outgoing: Outgoing): Promise<Answered> {
    const { clock } = this.options
    const request = this.#request(outgoing)
    const flight: Flight = {
      place: -1,
      outgoing,
      arrivals: this.#spareArrivals.pop() ?? new Arrivals(),
      controller: this.#spareControllers.pop() ?? new AbortController(),
      sentMs: clock.now(),
      startMs: null,
      promptTokens: outgoing.ask.promptTokens ?? 0,
      cachedTokens: 0,
      tokens: 0,
      text: '',
      done: undefined,
      given: this.#stopped ? 'aborted' : undefined,
      settle: undefined,
    }
    this.#flights.add(flight)
    this.#cancelAlarm ??= clock.at(flight.sentMs + this.options.timeoutMs, () => this.#expire())
    if (this.#stopped) flight.controller.abort()
    const answered = new Promise<Answered>(resolve => {
      flight.settle = resolve
    })
    void this.#read(request, flight)
    return answered
  }

  /** Of a request that was due and is not to be sent any more. */
  drop({ ask, index, turn, phase, dueMs, releasedMs }: Outgoing): void {
    const now = this.options.clock.now()
    const arrivals = this.#spareArrivals.pop() ?? new Arrivals()
    this.options.ledger.add(
      {
        index,
        turn,
        phase,
        dueMs,
        sentMs: now,
        startMs: null,
        endMs: now,
        promptTokens: ask.promptTokens ?? 0,
        cachedTokens: 0,
        outputTokens: 0,
        askedTokens: ask.maxTokens,
        outcome: 'aborted',
        lagMs: Math.max(0, now - releasedMs),
        error: 'the run ended before it was sent',
        finishReason: undefined,
        timings: undefined,
        timeline: undefined,
      },
      arrivals,
    )
    this.#spareArrivals.push(arrivals)
  }

  /** Aborts what is under way. */
  stop(): void {
    this.#stopped = true
    this.#cancelAlarm?.()
    for (const flight of this.#flights) this.#giveUp(flight, 'aborted')
  }

  /** Counts as over what an engine does not let go of. */
  abandon(): void {
    for (const flight of [...this.#flights]) this.#end(flight, undefined)
  }

  #request({ ask, index, turn }: Outgoing): GenerateRequest {
    const { maxTokens, ignoreEos, sampling } = ask
    return {
      input: ask.input,
      sampling: sampling ? Object.assign({}, sampling, { maxTokens, ignoreEos }) : { maxTokens, ignoreEos },
      id: requestId(this.options.runId, index, turn),
      timeline: this.options.timeline,
    }
  }

  async #read(request: GenerateRequest, flight: Flight): Promise<void> {
    const { engine, clock, ledger } = this.options
    const { arrivals } = flight
    try {
      for await (const event of engine.generate(request, { signal: flight.controller.signal })) {
        const now = clock.now()
        if (flight.settle === undefined) return
        if (event.type === 'tokens') {
          if (event.ids.length === 0 && event.text === '') continue
          // A chunk whose tokens nobody counted is one.
          const tokens = event.ids.length || 1
          if (flight.tokens === 0) ledger.sawFirst(now - flight.outgoing.dueMs)
          flight.tokens += tokens
          ledger.tokens += tokens
          arrivals.push(now, tokens)
          flight.text += event.text
        } else if (event.type === 'start') {
          flight.startMs = now
          flight.promptTokens = event.promptTokens
          flight.cachedTokens = event.cachedTokens
        } else flight.done = event
      }
      this.#end(flight, flight.done ? undefined : new InternalError('the engine ended a request without done'))
    } catch (error) {
      this.#end(flight, error)
    }
  }

  #end(flight: Flight, error: unknown): void {
    const { settle, outgoing, done, arrivals, controller } = flight
    if (settle === undefined) return
    flight.settle = undefined
    this.#flights.delete(flight)
    const endMs = this.options.clock.now()
    const given = done ? undefined : flight.given
    const outcome = given ?? (error === undefined ? 'ok' : error instanceof EngineError ? error.code : 'internal')
    this.options.ledger.add(
      {
        index: outgoing.index,
        turn: outgoing.turn,
        phase: outgoing.phase,
        dueMs: outgoing.dueMs,
        sentMs: flight.sentMs,
        startMs: flight.startMs,
        endMs,
        promptTokens: done?.usage.promptTokens || flight.promptTokens,
        cachedTokens: done?.usage.cachedTokens || flight.cachedTokens,
        outputTokens: done?.usage.completionTokens || flight.tokens,
        askedTokens: outgoing.ask.maxTokens,
        outcome,
        lagMs: Math.max(0, flight.sentMs - outgoing.releasedMs),
        error: this.#words(given, error),
        finishReason: done?.choices[0]?.finishReason,
        timings: done?.timings,
        timeline: done?.timeline,
      },
      arrivals,
    )
    arrivals.clear()
    this.#spareArrivals.push(arrivals)
    if (!controller.signal.aborted) this.#spareControllers.push(controller)
    settle({ endMs, outcome, text: flight.text })
  }

  #words(given: Flight['given'], error: unknown): string | undefined {
    if (given === 'deadline_exceeded') return `no answer within ${this.options.timeoutMs / 1000} s`
    if (given === 'aborted') return 'the run ended before its answer did'
    if (error === undefined) return undefined
    return error instanceof Error ? error.message : String(error)
  }

  #giveUp(flight: Flight, why: NonNullable<Flight['given']>): void {
    flight.given ??= why
    flight.controller.abort()
  }

  #expire(): void {
    const { clock, timeoutMs } = this.options
    const now = clock.now()
    let next = Number.POSITIVE_INFINITY
    for (const flight of this.#flights) {
      const deadline = flight.sentMs + timeoutMs
      if (deadline <= now) this.#giveUp(flight, 'deadline_exceeded')
      else next = Math.min(next, deadline)
    }
    this.#cancelAlarm = Number.isFinite(next) ? clock.at(next, () => this.#expire()) : undefined
  }
}
