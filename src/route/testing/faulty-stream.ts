import { type EngineError, type Event, UNKNOWN_TOKEN, UnreachableError } from '../../engine/index.ts'

type Result = IteratorResult<Event, undefined>

const OVER: Result = { done: true, value: undefined }

export interface StreamFaults {
  /** Breaks before what comes after so many tokens, be it only the end; `end`: when all but the end has come. */
  readonly cutAfter: number | 'end' | undefined
  /** Tokens come without their ids, as of a server that does not tell them. */
  readonly hidesIds: boolean
}

/** An engine's answer on its way through a connection that may break. */
export class FaultyStream implements AsyncIterableIterator<Event> {
  #isOver = false
  #error: EngineError | undefined
  #refuse: ((error: EngineError) => void) | undefined
  #left: number

  /** `ended` is called once, whatever the end. */
  constructor(
    private readonly inner: AsyncIterator<Event, undefined>,
    private readonly faults: StreamFaults,
    private readonly ended: (stream: FaultyStream) => void,
  ) {
    const { cutAfter } = faults
    this.#left = typeof cutAfter === 'number' ? cutAfter : Number.POSITIVE_INFINITY
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<Result> {
    const error = this.#error
    if (error !== undefined) {
      this.#error = undefined
      return Promise.reject(error)
    }
    if (this.#isOver) return Promise.resolve(OVER)
    return new Promise((resolve, reject) => {
      this.#refuse = reject
      this.inner.next().then(
        result => {
          this.#refuse = undefined
          if (this.#isOver) return resolve(OVER)
          if (!this.#passes(result)) this.break(new UnreachableError('the connection broke in mid-answer'))
          if (this.#isOver) return this.#take(reject)
          if (result.done || result.value.type === 'done') this.#end()
          resolve(this.faults.hidesIds ? hidden(result) : result)
        },
        error => {
          this.#refuse = undefined
          this.#end()
          reject(error)
        },
      )
    })
  }

  async return(): Promise<Result> {
    this.#end()
    this.#error = undefined
    await this.inner.return?.()
    return OVER
  }

  /** Its reader is told so, now or at its next look; nothing more comes. */
  break(error: EngineError): void {
    if (this.#isOver) return
    this.#end()
    void this.inner.return?.()
    if (this.#refuse) this.#refuse(error)
    else this.#error = error
  }

  #take(reject: (error: unknown) => void): void {
    reject(this.#error)
    this.#error = undefined
  }

  #passes(result: Result): boolean {
    if (result.done || result.value.type === 'start') return true
    if (result.value.type === 'done') return this.faults.cutAfter === undefined
    this.#left -= result.value.ids.length
    return this.#left >= 0
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.ended(this)
  }
}

function hidden(result: Result): Result {
  if (result.done || result.value.type !== 'tokens') return result
  return { done: false, value: { ...result.value, ids: result.value.ids.map(() => UNKNOWN_TOKEN) } }
}
