import type { Match, Message, Status } from '../communicator.ts'
import type { MpiError } from '../errors.ts'

/** Somebody who waits for a message. */
export interface Waiting<M extends Status = Message> {
  readonly match: Match
  take(message: M): void
  fail(error: MpiError): void
}

export interface MailboxOptions {
  /** Whose messages may come. Default: anybody's. */
  readonly members?: readonly number[]
  readonly self?: number
  /** One lost member fails all that wait, and all that come to wait: what collectives need, as they need everybody. */
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
  readonly #lost = new Map<number, MpiError>()
  #options: MailboxOptions = {}
  /** Bytes that have come and that nobody has taken, by source. */
  readonly #untaken = new Map<number, number>()

  constructor(lost: ReadonlyMap<number, MpiError> = new Map()) {
    for (const [rank, error] of lost) this.#lost.set(rank, error)
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
    this.#count(message, 1)
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
    this.#count(message!, -1)
    waiting.take(message!)
  }

  probe(waiting: Waiting<M>): void {
    const message = this.peek(waiting.match)
    if (message) waiting.take(message)
    else this.#wait(this.#probes, waiting)
  }

  peek(match: Match): M | undefined {
    return this.#arrived.find(message => matches(match, message))
  }

  /** Whether it still waited. */
  withdraw(waiting: Waiting<M>): boolean {
    const place = this.#receives.indexOf(waiting)
    if (place >= 0) this.#receives.splice(place, 1)
    return place >= 0
  }

  lose(rank: number, error: MpiError): void {
    this.#lost.set(rank, error)
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
    this.#arrived.length = 0
    this.#untaken.clear()
    for (const waiting of failed) waiting.fail(error)
  }

  untaken(source: number): number {
    return this.#untaken.get(source) ?? 0
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
    else list.push(waiting)
  }

  /** Why what is waited for cannot come any more. */
  #hopeless({ source }: Match): MpiError | undefined {
    if (this.#lost.size === 0) return undefined
    const { members, self, fragile } = this.#options
    if (fragile) return members?.map(rank => this.#lost.get(rank)).find(error => error !== undefined)
    if (source !== undefined) return this.#lost.get(source)
    const others = members?.filter(rank => rank !== self) ?? []
    return others.length > 0 && others.every(rank => this.#lost.has(rank)) ? this.#lost.get(others[0]!) : undefined
  }

  #count({ source, bytes }: M, sign: 1 | -1): void {
    this.#untaken.set(source, this.untaken(source) + sign * bytes)
  }
}

function matches({ source, tag }: Match, message: Status): boolean {
  return (source === undefined || source === message.source) && (tag === undefined || tag === message.tag)
}
