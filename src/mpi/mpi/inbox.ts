import { Mailbox, type Waiting } from '../carried/mailbox.ts'
import type { Match } from '../communicator.ts'
import { MpiError } from '../errors.ts'
import type { Handle } from '../library/abi.ts'
import type { Progress, Watched } from './progress.ts'
import type { Arrived, Runtime } from './runtime.ts'

/** Whoever sends without an end must not hold the event loop up. */
const MOST_AT_ONCE = 1000

/** What an inbox needs of the {@link Runtime}. */
export interface InboxRuntime extends Pick<Runtime, 'improbe'> {
  readonly progress: Pick<Progress, 'watch' | 'unwatch'>
}

/**
 * One communicator's messages that nobody has received yet. They are matched here and not by MPI, so that a single question
 * finds whatever has come, however many wait, and so that the length is known before there is memory for it.
 */
export class Inbox implements Watched {
  readonly #runtime: InboxRuntime
  readonly #comm: Handle
  readonly #mailbox = new Mailbox<Arrived>()

  constructor(runtime: InboxRuntime, comm: Handle) {
    this.#runtime = runtime
    this.#comm = comm
  }

  receive(waiting: Waiting<Arrived>): void {
    this.#mailbox.receive(waiting)
    this.#await()
  }

  probe(waiting: Waiting<Arrived>): void {
    this.#mailbox.probe(waiting)
    this.#await()
  }

  /** What could be received now. */
  peek(match: Match): Arrived | undefined {
    for (;;) {
      const arrived = this.#mailbox.peek(match)
      if (arrived !== undefined || !this.#take()) return arrived
    }
  }

  /** Whether it still waited. */
  withdraw(waiting: Waiting<Arrived>): boolean {
    const was = this.#mailbox.withdraw(waiting)
    this.#rest()
    return was
  }

  close(error: MpiError): void {
    this.#mailbox.close(error)
    this.#rest()
  }

  look(): boolean {
    let happened = false
    try {
      for (let i = 0; i < MOST_AT_ONCE && this.#mailbox.isAwaited && this.#take(); i++) happened = true
    } catch (error) {
      if (!(error instanceof MpiError)) throw error
      // Whoever waits must hear of it, not whoever happens to look.
      this.#mailbox.close(error)
      happened = true
    }
    this.#rest()
    return happened
  }

  #await(): void {
    if (!this.#mailbox.isAwaited) return
    this.look()
    if (this.#mailbox.isAwaited) this.#runtime.progress.watch(this)
  }

  #rest(): void {
    if (!this.#mailbox.isAwaited) this.#runtime.progress.unwatch(this)
  }

  /** Open MPI looks for what has come only once it has said that there is nothing: it is asked again at once, not after a pause. */
  #take(): boolean {
    const arrived = this.#runtime.improbe(this.#comm) ?? this.#runtime.improbe(this.#comm)
    if (arrived !== undefined) this.#mailbox.arrive(arrived)
    return arrived !== undefined
  }
}
