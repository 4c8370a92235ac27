import { Pending } from '../carried/pending.ts'
import type { MpiError } from '../errors.ts'
import type { Progress } from './progress.ts'
import type { Active } from './requests.ts'

/** A transfer that MPI works on, or will. Whoever asks for it makes it go on. */
export class Operation<T> extends Pending<T> implements Active {
  slot = -1
  givenUp = false
  readonly owner: object
  /** What MPI reads or writes: it must not be collected before. */
  memory: unknown
  readonly #progress: Progress
  readonly #result: () => T

  constructor(progress: Progress, owner: object, memory: unknown, result: () => T, withdraw?: () => boolean) {
    super(withdraw)
    this.#progress = progress
    this.owner = owner
    this.memory = memory
    this.#result = result
  }

  override test(): boolean {
    if (!super.test()) this.#progress.poll()
    return super.test()
  }

  complete(): void {
    this.memory = undefined
    try {
      this.resolve(this.#result())
    } catch (error) {
      this.reject(error)
    }
  }

  /** MPI may go on using the memory of what was given up. */
  fail(error: MpiError): void {
    if (!this.givenUp) this.memory = undefined
    this.reject(error)
  }
}
