import type { MpiError } from '../errors.ts'
import type { MpiLibrary } from '../library/load-library.ts'
import { type PollOptions, pauseAfter } from './poll-options.ts'
import { type Active, Requests } from './requests.ts'
import { Spin } from './spin.ts'

/** Where messages come that somebody waits for. */
export interface Watched {
  /** Takes what has come. @returns whether there was anything */
  look(): boolean
  /** Whoever waits waits in vain. */
  close(error: MpiError): void
}

/**
 * Long transfers need both sides' help piece by piece: while one is under way, MPI is asked without a pause, for as long as
 * it takes at this rate. Bytes a millisecond; 0.2 GB/s is slower than any network that is worth the wait.
 */
const SLOWEST_TRANSFER = 200_000
const LONGEST_TRANSFER_MS = 50

/**
 * Drives MPI from the event loop: everything that is under way in this process, of all communicators. It costs nothing
 * while nothing is waited for, and keeps the process alive while something is.
 */
export class Progress {
  readonly #requests: Requests
  readonly #poll: Required<PollOptions>
  readonly #spin: Spin
  readonly #watched = new Set<Watched>()
  /** From when on nothing has come; in the future while a long transfer is under way. */
  #silentSince = 0
  #immediate: NodeJS.Immediate | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(library: MpiLibrary, poll: Required<PollOptions>) {
    this.#requests = new Requests(library)
    this.#poll = poll
    this.#spin = new Spin(poll.spinMs)
  }

  /** As `Requests.begin`. @throws MpiError */
  begin(active: Active, call: string, bytes: number, start: (request: number) => number): void {
    this.#requests.begin(active, call, start)
    if (active.slot >= 0) this.#wake(bytes)
  }

  watch(watched: Watched): void {
    this.#watched.add(watched)
    this.#wake(0)
  }

  unwatch(watched: Watched): void {
    this.#watched.delete(watched)
  }

  /** Asks MPI now. @returns whether something has happened */
  poll(): boolean {
    let happened = this.#requests.poll()
    for (const watched of this.#watched) happened = watched.look() || happened
    return happened
  }

  giveUp(error: MpiError, owner: object): void {
    this.#requests.giveUp(error, owner)
  }

  /** Whether MPI may still use memory that was handed over through this owner. */
  holds(owner: object): boolean {
    return this.#requests.has(owner)
  }

  /** Nothing is asked any more, of any communicator. */
  stop(error: MpiError): void {
    this.#requests.giveUp(error)
    for (const watched of this.#watched) watched.close(error)
    clearImmediate(this.#immediate)
    clearTimeout(this.#timer)
    this.#immediate = this.#timer = undefined
  }

  #wake(bytes: number): void {
    const extra = Math.min(bytes / SLOWEST_TRANSFER, LONGEST_TRANSFER_MS)
    this.#silentSince = Math.max(this.#silentSince, performance.now() + extra)
    if (this.#immediate !== undefined) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#immediate = setImmediate(this.#tick)
  }

  readonly #tick = (): void => {
    this.#immediate = this.#timer = undefined
    const happened = this.poll()
    const now = performance.now()
    if (happened) {
      this.#spin.happened(Math.max(0, now - this.#silentSince), now)
      this.#silentSince = Math.max(this.#silentSince, now)
    }
    // What has happened may have woken it.
    if (this.#immediate !== undefined) return
    if (this.#requests.awaited === 0 && this.#watched.size === 0) return
    const pause = pauseAfter(now - this.#silentSince, { ...this.#poll, spinMs: this.#spin.ms })
    if (pause === 0) this.#immediate = setImmediate(this.#tick)
    else this.#timer = setTimeout(this.#tick, pause)
  }
}
