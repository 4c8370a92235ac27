import { hostname } from 'node:os'
import { type Clock, systemClock } from '../clock/index.ts'
import { carriedWorld } from './carried/carried-communicator.ts'
import type { Carrier, Envelope, Inbox } from './carried/carrier.ts'
import { mustBeRank } from './checks.ts'
import type { Communicator } from './communicator.ts'

export interface LocalGroupOptions {
  /** How long a message is under way. Default 0: it comes in a later turn of the event loop. */
  readonly latencyMs?: number
  /** Times messages. Without latency, they come as soon as who runs has come to rest, with no turn of the loop between. */
  readonly clock?: Clock
}

/** Communicators of one process, in the order of their ranks, and what can happen to them. */
export interface LocalGroup extends ReadonlyArray<Communicator> {
  /** It is gone without a word: nothing reaches it, and what is under way from it vanishes too. Nobody is told. */
  kill(rank: number): void
  /** It stands still: what it sends and what is sent to it waits. */
  freeze(rank: number): void
  thaw(rank: number): void
}

/**
 * Communicators without MPI, for one process that is all ranks: messages are copied when they are sent, and come in order
 * from each rank to each. `close` waits for nobody here.
 *
 * @example
 * const [lead, worker] = localGroup(2)
 * await lead!.send(Buffer.from('hello'), 1)
 * console.log((await worker!.receive()).data.toString())
 */
export function localGroup(size: number, options: LocalGroupOptions = {}): LocalGroup {
  const wires = new Wires(size, options)
  const group = Array.from({ length: size }, (_, rank) => carriedWorld(wires.carrier(rank)))
  return Object.assign(group, {
    kill: (rank: number) => wires.mark(rank, 'dead'),
    freeze: (rank: number) => wires.mark(rank, 'frozen'),
    thaw: (rank: number) => wires.mark(rank, 'well'),
  })
}

type Health = 'well' | 'frozen' | 'dead'

interface Sent {
  readonly envelope: Envelope
  readonly data: Buffer
  due: boolean
}

interface Wire {
  readonly from: number
  readonly to: number
  readonly sent: Sent[]
}

class Wires {
  readonly #size: number
  readonly #latencyMs: number
  readonly #clock: Clock
  readonly #health: Health[]
  readonly #inboxes: (Inbox | undefined)[]
  /** From each to each. */
  readonly #wires: readonly Wire[]

  constructor(size: number, { latencyMs = 0, clock = systemClock }: LocalGroupOptions) {
    this.#size = size
    this.#latencyMs = latencyMs
    this.#clock = clock
    this.#health = Array(size).fill('well')
    this.#inboxes = Array(size).fill(undefined)
    this.#wires = Array.from({ length: size * size }, (_, i) => ({
      from: Math.floor(i / size),
      to: i % size,
      sent: [],
    }))
  }

  carrier(rank: number): Carrier {
    return {
      rank,
      size: this.#size,
      host: hostname(),
      library: 'in process',
      open: inbox => {
        this.#inboxes[rank] = inbox
      },
      send: async (to, envelope, data) => this.#send(this.#wires[rank * this.#size + to]!, envelope, data),
      abort: code => process.exit(code),
      close: async () => {
        this.#inboxes[rank] = undefined
      },
    }
  }

  mark(rank: number, health: Health): void {
    mustBeRank(rank, this.#size)
    if (this.#health[rank] === 'dead') return
    this.#health[rank] = health
    for (const wire of this.#wires) if (wire.from === rank || wire.to === rank) this.#deliver(wire)
  }

  #send(wire: Wire, envelope: Envelope, data: Buffer): void {
    const sent = { envelope, data: Buffer.from(data), due: false }
    wire.sent.push(sent)
    const deliver = () => {
      sent.due = true
      this.#deliver(wire)
    }
    if (this.#latencyMs > 0) this.#clock.at(this.#clock.now() + this.#latencyMs, deliver)
    else if (this.#clock === systemClock) setImmediate(deliver)
    else queueMicrotask(deliver)
  }

  /** All that is due, in order: alarms need not ring in theirs. */
  #deliver({ from, to, sent }: Wire): void {
    const ends = [this.#health[from], this.#health[to]]
    if (ends.includes('dead')) sent.length = 0
    if (ends.includes('frozen')) return
    while (sent[0]?.due) {
      const { envelope, data } = sent.shift()!
      this.#inboxes[to]?.arrive(from, envelope, data)
    }
  }
}
