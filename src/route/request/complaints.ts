import { type EngineError, OverloadedError, UnreachableError } from '../../engine/index.ts'

/** What engines said when they did not answer a request. */
export class Complaints {
  #last: EngineError | undefined
  #name = ''
  #isOverloaded = false
  /** The least that one said to wait. */
  #retryAfterMs: number | undefined

  add(name: string, error: EngineError): void {
    this.#last = error
    this.#name = name
    if (!(error instanceof OverloadedError)) return
    this.#isOverloaded = true
    const { retryAfterMs = Number.POSITIVE_INFINITY } = error
    const least = Math.min(retryAfterMs, this.#retryAfterMs ?? Number.POSITIVE_INFINITY)
    this.#retryAfterMs = least === Number.POSITIVE_INFINITY ? undefined : least
  }

  /** What helps the client most; there must be one. */
  summary(): EngineError {
    if (this.#isOverloaded) return new OverloadedError('every engine is full: try again later', this.#retryAfterMs)
    const last = this.#last!
    if (last.code === 'unreachable' || last.code === 'internal' || last.code === 'unsupported') return last
    // A closed engine or a wrong key would look to the client like the router's or its own.
    return new UnreachableError(`${this.#name}: ${last.message}`, { cause: last })
  }

  /** Of an answer that the client has read some of. */
  brokenOff(): EngineError {
    return new UnreachableError(`the answer broke off: ${this.#last!.message}`, { cause: this.#last })
  }
}
