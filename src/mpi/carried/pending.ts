import type { Transfer } from '../communicator.ts'
import { MpiError } from '../errors.ts'

/** A transfer that others settle. */
export class Pending<T> implements Transfer<T> {
  readonly done: Promise<T>
  #settled = false
  #resolve!: (value: T) => void
  #reject!: (error: unknown) => void
  readonly #withdraw: (() => boolean) | undefined

  /** `withdraw` says whether it could still be given up. */
  constructor(withdraw?: () => boolean) {
    this.#withdraw = withdraw
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
  }

  /** Settles as `promise` does; it cannot be given up. */
  static of<T>(promise: Promise<T>): Pending<T> {
    const pending = new Pending<T>()
    promise.then(
      value => pending.resolve(value),
      error => pending.reject(error),
    )
    return pending.watched()
  }

  /** Whoever asks `test()` alone is not to be ended by a rejection. */
  watched(): this {
    this.done.catch(() => {})
    return this
  }

  test(): boolean {
    return this.#settled
  }

  cancel(): void {
    if (!this.#settled && this.#withdraw?.()) this.reject(new MpiError('cancelled', 'the transfer was given up'))
  }

  resolve(value: T): void {
    this.#settled = true
    this.#resolve(value)
  }

  reject(error: unknown): void {
    this.#settled = true
    this.#reject(error)
  }
}
