import type { Match, Message, Status } from '../communicator.ts'
import type { MpiError } from '../errors.ts'

/** Somebody who waits for a message. */
export interface Waiting<M extends Status = Message> {
  readonly match: Match
  take(message: M): void
  fail(error: MpiError): void
}

/** Who is gone, why, and whether it left in good order. */
export type Absent = ReadonlyMap<number, { readonly error: MpiError; readonly left: boolean }>

/** Learns what piles up. */
export interface MailboxWatcher {
  /** So many bytes more of that rank wait here, or fewer. */
  untaken(source: number, change: number): void
  /** Somebody looks for a message that is not here yet, of that rank or of any. */
  wanted(source: number | undefined): void
}

export interface MailboxOptions {
  /** Whose messages may come. Default: anybody's. */
  readonly members?: readonly number[]
  readonly self?: number
  /**
   * One lost member fails all that wait, and all that come to wait: collectives need everybody. One that has left in good
   * order fails only who waits for it, as it had done its part for the others.
   */
  readonly fragile?: boolean
}

/**
 * Matches what comes with who waits, by MPI's rule: of two messages from the same rank that a receive would match, it gets
 * the one that was sent first; of two receives that a message would match, the first posted gets it.
 */
export class Mailbox<M extends Status = Message> {
  readonly #arrived: M[] = []
  #receives: Waiting<M>[] = []
  #probes: Waiting<M>[] = []
  readonly #absent: Absent
  readonly #watcher: MailboxWatcher | undefined
  #options: MailboxOptions = {}

  constructor(absent: Absent = new Map(), watcher?: MailboxWatcher) {
    this.#absent = absent
    this.#watcher = watcher
  }

  /** What comes earlier is kept: a member may be ahead of us. */
  open(options: MailboxOptions): void {
    this.#options = options
  }

  arrive(message: M): void {
    const place = this.#receives.findIndex(({ match }) => matches(match, message))
    if (place >= 0) {
      this.#receives.splice(place, 1)[0]!.take(message)
      return
    }
    this.#arrived.push(message)
    this.#watcher?.untaken(message.source, message.bytes)
    const seen = this.#probes.filter(({ match }) => matches(match, message))
    if (seen.length === 0) return
    this.#probes = this.#probes.filter(probe => !seen.includes(probe))
    for (const probe of seen) probe.take(message)
  }

  receive(waiting: Waiting<M>): void {
    const place = this.#arrived.findIndex(message => matches(waiting.match, message))
    if (place < 0) {
      this.#wait(this.#receives, waiting)
      return
    }
    const [message] = this.#arrived.splice(place, 1)
    this.#watcher?.untaken(message!.source, -message!.bytes)
    waiting.take(message!)
  }

  probe(waiting: Waiting<M>): void {
    const message = this.#find(waiting.match)
    if (message) waiting.take(message)
    else this.#wait(this.#probes, waiting)
  }

  peek(match: Match): M | undefined {
    const message = this.#find(match)
    if (!message) this.#watcher?.wanted(match.source)
    return message
  }

  /** Whether it still waited. */
  withdraw(waiting: Waiting<M>): boolean {
    const place = this.#receives.indexOf(waiting)
    if (place >= 0) this.#receives.splice(place, 1)
    return place >= 0
  }

  /** Somebody is gone. */
  review(): void {
    const fails = ({ match }: Waiting<M>) => this.#hopeless(match) !== undefined
    const failed = [...this.#receives, ...this.#probes].filter(fails)
    this.#receives = this.#receives.filter(waiting => !fails(waiting))
    this.#probes = this.#probes.filter(waiting => !fails(waiting))
    for (const waiting of failed) waiting.fail(this.#hopeless(waiting.match)!)
  }

  close(error: MpiError): void {
    const failed = [...this.#receives, ...this.#probes]
    this.#receives = []
    this.#probes = []
    for (const { source, bytes } of this.#arrived.splice(0)) this.#watcher?.untaken(source, -bytes)
    for (const waiting of failed) waiting.fail(error)
  }

  /** Whether anybody waits at all. */
  get isAwaited(): boolean {
    return this.#receives.length + this.#probes.length > 0
  }

  /** Whether somebody waits for what that rank may send. */
  awaits(source: number): boolean {
    return [this.#receives, this.#probes].some(list =>
      list.some(({ match }) => match.source === undefined || match.source === source),
    )
  }

  #wait(list: Waiting<M>[], waiting: Waiting<M>): void {
    const error = this.#hopeless(waiting.match)
    if (error) waiting.fail(error)
    else {
      list.push(waiting)
      this.#watcher?.wanted(waiting.match.source)
    }
  }

  #find(match: Match): M | undefined {
    return this.#arrived.find(message => matches(match, message))
  }

  /** Why what is waited for cannot come any more. */
  #hopeless({ source }: Match): MpiError | undefined {
    if (this.#absent.size === 0) return undefined
    const { members = [], self, fragile } = this.#options
    if (source !== undefined && this.#absent.has(source)) return this.#absent.get(source)!.error
    if (fragile) return members.map(rank => this.#absent.get(rank)).find(absent => absent?.left === false)?.error
    const others = members.filter(rank => rank !== self)
    if (source !== undefined || others.length === 0 || !others.every(rank => this.#absent.has(rank))) return undefined
    return this.#absent.get(others[0]!)!.error
  }
}

function matches({ source, tag }: Match, message: Status): boolean {
  return (source === undefined || source === message.source) && (tag === undefined || tag === message.tag)
}
