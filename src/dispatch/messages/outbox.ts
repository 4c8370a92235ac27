/** Gathers what is posted within a turn of the event loop, so that it goes as one message. */
export class Outbox<T> {
  readonly #send: (messages: readonly T[]) => void
  #waiting: T[] = []

  constructor(send: (messages: readonly T[]) => void) {
    this.#send = send
  }

  post(message: T): void {
    if (this.#waiting.push(message) === 1) setImmediate(this.flush)
  }

  readonly flush = (): void => {
    if (this.#waiting.length > 0) this.#send(this.#waiting.splice(0))
  }
}
