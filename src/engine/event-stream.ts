import type { EngineError } from './errors.ts'
import type { ChosenLogprob, DoneEvent, Event, StartEvent, TokensEvent } from './events.ts'

interface Waiter {
  readonly resolve: (result: IteratorResult<Event, undefined>) => void
  readonly reject: (error: unknown) => void
}

interface PendingTokens {
  ids: number[]
  text: string
  logprobs: ChosenLogprob[] | undefined
}

/**
 * What a reader of `generate` iterates. Tokens that it has not fetched yet are merged into one event for each choice,
 * so a slow reader costs no more than a fast one.
 */
export class EventStream implements AsyncIterableIterator<Event> {
  #state: 'new' | 'open' | 'over' = 'new'
  #start: StartEvent | undefined
  #tokens = new Map<number, PendingTokens>()
  #end: DoneEvent | EngineError | undefined
  #waiters: Waiter[] = []

  /** `begin` runs at the first `next`, and what it throws is thrown there; `leave` when the reader goes early. */
  constructor(
    private readonly begin: () => void,
    private readonly leave: () => void,
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
      this.wake()
    })
  }

  return(): Promise<IteratorResult<Event, undefined>> {
    const open = this.#state === 'open'
    this.#close()
    if (open) this.leave()
    this.wake()
    return Promise.resolve({ done: true, value: undefined })
  }

  /** Takes an event of the contract, in the contract's order; readers see it at the next {@link wake}. */
  push(event: Event): void {
    if (event.type === 'start') this.#start = event
    else if (event.type === 'tokens') this.#merge(event)
    else this.#end ??= event
  }

  /** What was not fetched yet is dropped. */
  fail(error: EngineError): void {
    this.#start = undefined
    this.#tokens.clear()
    this.#end = error
  }

  /** Hands out what is there; called once after all that one step brings. */
  wake(): void {
    for (let waiter = this.#waiters[0]; waiter !== undefined; waiter = this.#waiters[0]) {
      const event = this.#take()
      if (event === undefined && this.#state !== 'over') return
      this.#waiters.shift()
      if (event instanceof Error) waiter.reject(event)
      else waiter.resolve(event ? { done: false, value: event } : { done: true, value: undefined })
    }
  }

  #merge({ choice, ids, text, logprobs }: TokensEvent): void {
    const pending = this.#tokens.get(choice)
    if (!pending) {
      this.#tokens.set(choice, { ids: [...ids], text, logprobs: logprobs && [...logprobs] })
      return
    }
    pending.ids.push(...ids)
    pending.text += text
    if (logprobs) pending.logprobs?.push(...logprobs)
  }

  #take(): Event | EngineError | undefined {
    if (this.#start) {
      const start = this.#start
      this.#start = undefined
      return start
    }
    for (const [choice, { ids, text, logprobs }] of this.#tokens) {
      this.#tokens.delete(choice)
      return { type: 'tokens', choice, ids, text, ...(logprobs && { logprobs }) }
    }
    const end = this.#end
    if (end) this.#close()
    return end
  }

  #close(): void {
    this.#state = 'over'
    this.#start = undefined
    this.#tokens.clear()
    this.#end = undefined
  }
}
