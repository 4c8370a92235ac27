import { type Communicator, MpiError } from '../../mpi/index.ts'
import { decodeToLead, decodeToWorker } from './decode.ts'
import type { LeadLink, LinkCost, WorkerLink } from './link.ts'
import type { ToLead, ToWorker } from './message.ts'
import { Outbox } from './outbox.ts'

const TAG_TO_LEAD = 1
const TAG_TO_WORKER = 2

const LEAD = 0

/** Rank 0's end over a group of processes. */
export class GroupLeadLink implements LeadLink {
  readonly ranks: readonly number[]
  onMessage: LeadLink['onMessage'] = () => {}
  onFault: LeadLink['onFault'] = () => {}
  readonly #group: Communicator
  readonly #outboxes: ReadonlyMap<number, Outbox<ToWorker>>
  #messages = 0
  #us = 0

  constructor(group: Communicator) {
    this.#group = group
    this.ranks = Array.from({ length: group.size - 1 }, (_, i) => i + 1)
    this.#outboxes = new Map(this.ranks.map(rank => [rank, new Outbox(messages => this.#send(rank, messages))]))
  }

  get cost(): LinkCost {
    return { messages: this.#messages, us: this.#us }
  }

  post(rank: number, message: ToWorker): void {
    this.#outboxes.get(rank)!.post(message)
  }

  open(): void {
    void this.#listen()
  }

  async #listen(): Promise<void> {
    for (;;) {
      let source: number | undefined
      try {
        const message = await this.#group.receive({ tag: TAG_TO_LEAD })
        source = message.source
        const began = process.cpuUsage()
        const list = decodeToLead(message.data)
        this.#spent(began)
        for (const each of list) this.onMessage(source, each)
      } catch (error) {
        if (isClosed(error)) return
        this.onFault(source, error)
        // A link that fails by itself would fail at once again.
        if (source === undefined) return
      }
    }
  }

  #send(rank: number, messages: readonly ToWorker[]): void {
    const began = process.cpuUsage()
    // What goes to a rank that is lost may never arrive: heartbeats say so, not this.
    this.#group.send(Buffer.from(JSON.stringify(messages)), rank, TAG_TO_WORKER).catch(() => {})
    this.#spent(began)
  }

  #spent(began: NodeJS.CpuUsage): void {
    this.#messages++
    const { user, system } = process.cpuUsage(began)
    this.#us += user + system
  }
}

/** An executing rank's end over a group of processes. */
export class GroupWorkerLink implements WorkerLink {
  onMessage: WorkerLink['onMessage'] = () => {}
  onFault: WorkerLink['onFault'] = () => {}
  readonly #group: Communicator
  readonly #outbox: Outbox<ToLead>
  #sent: Promise<unknown> = Promise.resolve()

  constructor(group: Communicator) {
    this.#group = group
    this.#outbox = new Outbox(messages => this.#send(messages))
  }

  post(message: ToLead): void {
    this.#outbox.post(message)
  }

  async flush(): Promise<void> {
    this.#outbox.flush()
    await this.#sent
  }

  open(): void {
    void this.#listen()
  }

  async #listen(): Promise<void> {
    try {
      for (;;) {
        const { data } = await this.#group.receive({ source: LEAD, tag: TAG_TO_WORKER })
        for (const message of decodeToWorker(data)) this.onMessage(message)
      }
    } catch (error) {
      if (!isClosed(error)) this.onFault(error)
    }
  }

  #send(messages: readonly ToLead[]): void {
    const sending = this.#group.send(Buffer.from(JSON.stringify(messages)), LEAD, TAG_TO_LEAD)
    sending.catch(error => {
      if (!isClosed(error)) this.onFault(error)
    })
    this.#sent = Promise.allSettled([this.#sent, sending])
  }
}

function isClosed(error: unknown): boolean {
  return error instanceof MpiError && (error.kind === 'closed' || error.kind === 'cancelled')
}
