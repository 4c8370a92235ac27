import type { EngineError } from './errors.ts'
import type { ChosenLogprob, DoneEvent, Event, StartEvent, TokensEvent } from './events.ts'

/**
 * Tokens of one request, over all of its choices, that may wait for their reader before the request is held up: a few
 * seconds of a quick stream, a few kilobytes of memory. The step that is under way may still add its own.
 */
export const UNREAD_LIMIT = 256

interface Waiter {
  readonly resolve: (result: IteratorResult<Event, undefined>) => void
  readonly reject: (error: unknown) => void
}

/** What one choice's reader has not fetched: an event as it came, or one of this stream's own that may grow. */
interface Pending {
  event: TokensEvent
  grown: { ids: number[]; text: string; logprobs?: ChosenLogprob[] } | undefined
}

const OVER: IteratorResult<Event, undefined> = Object.freeze({ done: true, value: undefined })

/**
 * What a reader of `generate` iterates. Tokens that it has not fetched yet are merged into one event for each choice,
 * and from {@link UNREAD_LIMIT} on the engine is told to pause, so a slow reader costs no more than a fast one.
 */
export class EventStream implements AsyncIterableIterator<Event> {
  #state: 'new' | 'open' | 'over' = 'new'
  #start: StartEvent | undefined
  /** In order of the first token that was not fetched. */
  #pending: Pending[] = []
  #unread = 0
  #paused = false
  #end: DoneEvent | EngineError | undefined
  #waiters: Waiter[] = []

  /**
   * `begin` runs at the first `next`, and what it throws is thrown there; `leave` when the reader goes early. `flow` says
   * that the request is to be held up, and that its reader has fetched all there was and it may go on; never once the
   * request has ended.
   */
  constructor(
    private readonly begin: () => void,
    private readonly leave: () => void,
    private readonly flow: (paused: boolean) => void = () => {},
  ) {}

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<Event, undefined>> {
    if (this.#state === 'new') {
      this.#state = 'open'
      try {
        this.begin()
      } catch (error) {
        this.#state = 'over'
        return Promise.reject(error)
      }
    }
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject })
      this.#handOut()
    })
  }

  return(): Promise<IteratorResult<Event, undefined>> {
    const open = this.#state === 'open'
    this.#close()
    if (open) this.leave()
    this.#handOut()
    return Promise.resolve(OVER)
  }

  /** Takes an event of the contract, in the contract's order; readers see it at the next {@link wake}. */
  push(event: Event): void {
    if (event.type === 'start') this.#start = event
    else if (event.type === 'tokens') this.#merge(event)
    else this.#end ??= event
  }

  /** What was not fetched yet is dropped. */
  fail(error: EngineError): void {
    this.#drop()
    this.#end = error
  }

  /** Hands out what is there; called once after all that one step brings. */
  wake(): void {
    this.#handOut()
    this.#mayPause()
  }

  #handOut(): void {
    for (let waiter = this.#waiters[0]; waiter !== undefined; waiter = this.#waiters[0]) {
      const event = this.#take()
      if (event === undefined && this.#state !== 'over') return
      this.#waiters.shift()
      if (event instanceof Error) waiter.reject(event)
      else waiter.resolve(event ? { done: false, value: event } : OVER)
    }
  }

  #merge(event: TokensEvent): void {
    const { choice, ids, text, logprobs } = event
    this.#unread += ids.length
    const pending = this.#pendingOf(choice)
    if (pending === undefined) this.#pending.push({ event, grown: undefined })
    else {
      pending.grown ??= grown(pending.event)
      pending.grown.text += text
      for (const id of ids) pending.grown.ids.push(id)
      if (logprobs) for (const logprob of logprobs) pending.grown.logprobs?.push(logprob)
    }
    // Whoever waits will fetch these at the next `wake`, however many they are.
    if (this.#waiters.length === 0) this.#mayPause()
  }

  /** Nearly always there is none: this runs for each token. */
  #pendingOf(choice: number): Pending | undefined {
    for (const pending of this.#pending) if (pending.event.choice === choice) return pending
    return undefined
  }

  #take(): Event | EngineError | undefined {
    if (this.#start) {
      const start = this.#start
      this.#start = undefined
      return start
    }
    const pending = this.#pending.shift()
    if (pending) {
      const event = pending.grown ? { ...pending.event, ...pending.grown } : pending.event
      this.#unread -= event.ids.length
      this.#mayResume()
      return event
    }
    const end = this.#end
    if (end) this.#close()
    return end
  }

  #mayPause(): void {
    if (this.#paused || this.#unread < UNREAD_LIMIT || this.#end || this.#state !== 'open') return
    this.#paused = true
    this.flow(true)
  }

  #mayResume(): void {
    if (!this.#paused || this.#unread > 0 || this.#end) return
    this.#paused = false
    this.flow(false)
  }

  #drop(): void {
    this.#start = undefined
    this.#pending.length = 0
    this.#unread = 0
  }

  #close(): void {
    this.#state = 'over'
    this.#drop()
    this.#end = undefined
  }
}

function grown({ ids, text, logprobs }: TokensEvent): NonNullable<Pending['grown']> {
  return { ids: [...ids], text, ...(logprobs && { logprobs: [...logprobs] }) }
}
