import { MpiError } from '../errors.ts'
import type { Envelope, Inbox } from './carrier.ts'
import { Mailbox, type MailboxOptions } from './mailbox.ts'

/** The mailboxes of all communicators that share a carrier. */
export class PostOffice implements Inbox {
  readonly #boxes = new Map<string, Mailbox>()
  readonly #closed = new Set<string>()
  readonly #lost = new Map<number, MpiError>()

  open(context: string, options: MailboxOptions): Mailbox {
    const box = this.#box(context)
    box.open(options)
    return box
  }

  arrive(source: number, { context, tag }: Envelope, data: Buffer): void {
    if (!this.#closed.has(context)) this.#box(context).arrive({ source, tag, bytes: data.length, data })
  }

  lose(rank: number, error: MpiError): void {
    if (this.#lost.has(rank)) return
    this.#lost.set(rank, error)
    for (const box of this.#boxes.values()) box.lose(rank, error)
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
    const box = new Mailbox(this.#lost)
    this.#boxes.set(context, box)
    return box
  }
}
