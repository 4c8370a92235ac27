import { MpiError } from '../errors.ts'
import type { Carrier, Envelope, Inbox } from './carrier.ts'
import { Mailbox, type MailboxOptions, type MailboxWatcher } from './mailbox.ts'

/**
 * So many bytes of one rank may wait here, in messages that nobody has asked for; with more, it is held, unless somebody
 * looks for a message of it that is not here yet.
 */
const MOST_UNTAKEN = 64 * 2 ** 20

/** The mailboxes of all communicators that share a carrier. */
export class PostOffice implements Inbox, MailboxWatcher {
  readonly #carrier: Pick<Carrier, 'hold'>
  readonly #boxes = new Map<string, Mailbox>()
  readonly #closed = new Set<string>()
  readonly #absent = new Map<number, { readonly error: MpiError; readonly left: boolean }>()
  readonly #untaken = new Map<number, number>()
  readonly #held = new Set<number>()

  constructor(carrier: Pick<Carrier, 'hold'>) {
    this.#carrier = carrier
  }

  open(context: string, options: MailboxOptions): Mailbox {
    const box = this.#box(context)
    box.open(options)
    return box
  }

  arrive(source: number, { context, tag }: Envelope, data: Buffer): void {
    if (!this.#closed.has(context)) this.#box(context).arrive({ source, tag, bytes: data.length, data })
  }

  lose(rank: number, error: MpiError, left: boolean): void {
    if (this.#absent.has(rank)) return
    this.#absent.set(rank, { error, left })
    for (const box of this.#boxes.values()) box.review()
  }

  untaken(source: number, change: number): void {
    const bytes = (this.#untaken.get(source) ?? 0) + change
    this.#untaken.set(source, bytes)
    if (bytes <= MOST_UNTAKEN) this.#release(source)
    else if (!this.#held.has(source) && ![...this.#boxes.values()].some(box => box.awaits(source))) {
      this.#held.add(source)
      this.#carrier.hold?.(source, true)
    }
  }

  wanted(source: number | undefined): void {
    for (const held of source === undefined ? [...this.#held] : [source]) this.#release(held)
  }

  #release(source: number): void {
    if (this.#held.delete(source)) this.#carrier.hold?.(source, false)
  }

  /** Without a context, all. */
  close(context?: string): void {
    const error = new MpiError('cancelled', 'the communicator was closed while this was under way')
    for (const name of context === undefined ? [...this.#boxes.keys()] : [context]) {
      this.#closed.add(name)
      this.#boxes.get(name)?.close(error)
      this.#boxes.delete(name)
    }
  }

  #box(context: string): Mailbox {
    const known = this.#boxes.get(context)
    if (known) return known
    const box = new Mailbox(this.#absent, this)
    this.#boxes.set(context, box)
    return box
  }
}
