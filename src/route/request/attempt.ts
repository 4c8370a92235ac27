import type { Clock } from '../../clock/index.ts'
import {
  EngineClosedError,
  type EngineError,
  type Event,
  type GenerateRequest,
  InternalError,
  type StartEvent,
} from '../../engine/index.ts'
import type { Span } from '../../telemetry/index.ts'
import type { Pass, PassOutcome } from '../breaker.ts'
import type { UpstreamSlot } from '../upstream-slot.ts'
import { engineError } from './failure.ts'
import type { Splice } from './splice.ts'

/** Hears of an attempt, until it has ended; must not throw. */
export interface AttemptOwner {
  event(attempt: Attempt, event: Event): void
  failed(attempt: Attempt, error: EngineError): void
}

/** What is sent, and how what comes is joined to what the client has. */
export interface Sent {
  readonly request: GenerateRequest
  readonly splice: Splice | undefined
}

/** One engine's work on a request: pulls its events, no faster than they are read. */
export class Attempt {
  /** Told, but not handed on yet. */
  start: StartEvent | undefined
  splice: Splice | undefined
  /** It has sent a token. */
  hasSpoken = false
  /** It has sent a token that the client did not have. */
  hasToken = false
  readonly sentAt: number
  /** When the engine was last heard, or asked to go on. */
  heardAt: number
  readonly #pass: Pass
  #iterator: AsyncIterator<Event> | undefined
  #controller: AbortController | undefined
  /** Prompt tokens that are not processed yet. */
  #promptTokens: number
  /** Tokens that are still expected. */
  #outputTokens: number
  #isOver = false
  #isHeld = false
  #resume: (() => void) | undefined

  constructor(
    private readonly owner: AttemptOwner,
    readonly slot: UpstreamSlot,
    /** What it answers as. */
    readonly model: string,
    private readonly clock: Clock,
    readonly span: Span,
    promptTokens: number,
    outputTokens: number,
  ) {
    this.sentAt = clock.now()
    this.heardAt = this.sentAt
    this.#promptTokens = promptTokens
    this.#outputTokens = outputTokens
    this.#pass = slot.breaker.pass()
    slot.enter(promptTokens + outputTokens)
  }

  get isOver(): boolean {
    return this.#isOver
  }

  /** Its reader is behind: it is not asked for more. */
  get isHeld(): boolean {
    return this.#isHeld
  }

  /** Sends the request. */
  begin(sent: Sent | Promise<Sent>): void {
    void this.#pull(sent)
  }

  hold(held: boolean): void {
    this.#isHeld = held
    if (held) return
    this.heardAt = this.clock.now()
    this.#resume?.()
    this.#resume = undefined
  }

  /** The prompt was processed. */
  started(): void {
    this.slot.settle(this.#promptTokens)
    this.#promptTokens = 0
  }

  /** Tokens came. */
  made(tokens: number): void {
    this.hasSpoken = true
    const expected = Math.min(tokens, this.#outputTokens)
    this.#outputTokens -= expected
    this.slot.settle(expected)
    this.slot.made(tokens)
  }

  /** Nothing more is heard of it. Where the engine may still be at work it is told to stop. Idempotent. */
  end(outcome: PassOutcome): void {
    if (this.#isOver) return
    this.#isOver = true
    this.slot.settle(this.#promptTokens + this.#outputTokens)
    this.#pass.end(outcome)
    this.slot.leave()
    this.span.end()
    this.#resume?.()
  }

  /** As {@link end}, of one that has not ended by itself. */
  abort(outcome: PassOutcome): void {
    if (this.#isOver) return
    this.end(outcome)
    this.#controller?.abort()
    this.#leave()
  }

  /** A generator that waits returns when it goes on, which is nobody's concern. */
  #leave(): void {
    void this.#iterator?.return?.().catch(() => undefined)
  }

  async #pull(given: Sent | Promise<Sent>): Promise<void> {
    try {
      const { request, splice } = given instanceof Promise ? await given : given
      if (this.#isOver) return
      this.splice = splice
      this.#controller = new AbortController()
      const { engine } = this.slot
      if (engine === undefined) throw new EngineClosedError()
      const iterator = engine.generate(request, { signal: this.#controller.signal })[Symbol.asyncIterator]()
      this.#iterator = iterator
      for (;;) {
        const result = await iterator.next()
        if (this.#isOver) return
        if (result.done) throw new InternalError('the engine ended a request without done')
        this.heardAt = this.clock.now()
        this.owner.event(this, result.value)
        if (this.#isOver) return this.#leave()
        if (this.#isHeld) await new Promise<void>(resolve => (this.#resume = resolve))
      }
    } catch (error) {
      if (!this.#isOver) this.owner.failed(this, engineError(error))
    }
  }
}
