import { bytesOf } from '../bytes.ts'
import { mustBeColor, mustBeRank, mustBeTag } from '../checks.ts'
import type { Bytes, Communicator, Match, Message, Numbers, Operation, Status, Transfer } from '../communicator.ts'
import { MpiError } from '../errors.ts'
import type { Carrier } from './carrier.ts'
import { allgather, allreduce, barrier, bcast, gather, gatherv, type Lane, reduce } from './collectives.ts'
import { contextWithin, WORLD_CONTEXT } from './context.ts'
import type { Mailbox, Waiting } from './mailbox.ts'
import { Pending } from './pending.ts'
import { PostOffice } from './post-office.ts'

/** All that carrier's members as one communicator. */
export function carriedWorld(carrier: Carrier): Communicator {
  const office = new PostOffice(carrier)
  const everybody = Array.from({ length: carrier.size }, (_, rank) => rank)
  const world = new CarriedCommunicator(carrier, office, everybody, WORLD_CONTEXT)
  carrier.open(office)
  return world
}

/** MPI's semantics over whatever carries messages in order: point-to-point by matching, collectives over point-to-point. */
class CarriedCommunicator implements Communicator {
  readonly rank: number
  readonly size: number
  readonly host: string
  readonly library: string
  readonly #carrier: Carrier
  readonly #office: PostOffice
  /** This communicator's ranks as the carrier's. */
  readonly #members: readonly number[]
  readonly #ranks: ReadonlyMap<number, number>
  readonly #context: string
  readonly #collectiveContext: string
  readonly #box: Mailbox
  readonly #collectiveBox: Mailbox
  #collectives = 0
  #splits = 0
  #closing: Promise<void> | undefined

  constructor(carrier: Carrier, office: PostOffice, members: readonly number[], context: string) {
    this.#carrier = carrier
    this.#office = office
    this.#members = members
    this.#ranks = new Map(members.map((member, rank) => [member, rank]))
    this.#context = context
    this.#collectiveContext = contextWithin(context, 'collectives')
    this.rank = members.indexOf(carrier.rank)
    this.size = members.length
    this.host = carrier.host
    this.library = carrier.library
    this.#box = office.open(context, { members, self: carrier.rank })
    this.#collectiveBox = office.open(this.#collectiveContext, { members, self: carrier.rank, fragile: true })
  }

  async send(data: Bytes, to: number, tag = 0): Promise<void> {
    this.#mustBeOpen()
    mustBeRank(to, this.size)
    mustBeTag(tag)
    return this.#carrier.send(this.#members[to]!, { context: this.#context, tag }, bytesOf(data))
  }

  async recv(into: Bytes, match: Match = {}): Promise<Status> {
    return this.#receiveInto(into, match).done
  }

  async receive(match: Match = {}): Promise<Message> {
    return this.#wait('receive', match, message => message).done
  }

  isend(data: Bytes, to: number, tag = 0): Transfer {
    return Pending.of(this.send(data, to, tag))
  }

  irecv(into: Bytes, match: Match = {}): Transfer<Status> {
    return this.#receiveInto(into, match).watched()
  }

  async probe(match: Match = {}): Promise<Status> {
    return this.#wait('probe', match, statusOf).done
  }

  iprobe(match: Match = {}): Status | undefined {
    const message = this.#box.peek(this.#outward(match))
    return message && statusOf(this.#inward(message))
  }

  async barrier(): Promise<void> {
    return barrier(this.#lane())
  }

  async bcast(data: Bytes, root = 0): Promise<void> {
    mustBeRank(root, this.size)
    return bcast(this.#lane(), bytesOf(data), root)
  }

  async gather<T extends Numbers>(part: T, root = 0): Promise<T | undefined> {
    mustBeRank(root, this.size)
    return gather(this.#lane(), part, root)
  }

  async gatherv<T extends Numbers>(part: T, root = 0): Promise<readonly T[] | undefined> {
    mustBeRank(root, this.size)
    return gatherv(this.#lane(), part, root)
  }

  async allgather<T extends Numbers>(part: T): Promise<T> {
    return allgather(this.#lane(), part)
  }

  async reduce<T extends Numbers>(values: T, operation: Operation, root = 0): Promise<T | undefined> {
    mustBeRank(root, this.size)
    return reduce(this.#lane(), values, operation, root)
  }

  async allreduce<T extends Numbers>(values: T, operation: Operation): Promise<T> {
    return allreduce(this.#lane(), values, operation)
  }

  async split(color: number | undefined, key = 0): Promise<Communicator | undefined> {
    if (color !== undefined) mustBeColor(color)
    const count = this.#splits++
    const wishes = await allgather(this.#lane(), Float64Array.of(color ?? -1, key))
    if (color === undefined) return undefined
    const chosen = this.#members
      .map((member, rank) => ({ member, rank, color: wishes[2 * rank]!, key: wishes[2 * rank + 1]! }))
      .filter(wish => wish.color === color)
      .sort((a, b) => a.key - b.key || a.rank - b.rank)
    const context = contextWithin(this.#context, `split ${count} ${color}`)
    return new CarriedCommunicator(
      this.#carrier,
      this.#office,
      chosen.map(({ member }) => member),
      context,
    )
  }

  abort(code = 1): never {
    return this.#carrier.abort(code)
  }

  close({ alone = false }: { readonly alone?: boolean } = {}): Promise<void> {
    this.#closing ??= this.#leave(alone)
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #leave(alone: boolean): Promise<void> {
    if (this.#context === WORLD_CONTEXT) {
      this.#office.close()
      return this.#carrier.close(alone)
    }
    this.#office.close(this.#context)
    this.#office.close(this.#collectiveContext)
  }

  #receiveInto(into: Bytes, match: Match): Pending<Status> {
    return this.#wait('receive', match, message => {
      const { source, bytes, data } = message
      if (bytes > into.byteLength)
        throw new MpiError('truncated', `rank ${source} sent ${bytes} bytes, and there is room for ${into.byteLength}`)
      bytesOf(into).set(data)
      return statusOf(message)
    })
  }

  #wait<T>(how: 'receive' | 'probe', match: Match, finish: (message: Message) => T): Pending<T> {
    const waiting: Waiting = {
      match: this.#outward(match),
      take: message => {
        try {
          pending.resolve(finish(this.#inward(message)))
        } catch (error) {
          pending.reject(error)
        }
      },
      fail: error => pending.reject(error),
    }
    const pending = new Pending<T>(() => this.#box.withdraw(waiting))
    this.#box[how](waiting)
    return pending
  }

  /** A lane for the next collective: members call them in the same order, so that its number is the same everywhere. */
  #lane(): Lane {
    this.#mustBeOpen()
    const envelope = { context: this.#collectiveContext, tag: this.#collectives++ >>> 0 }
    return {
      rank: this.rank,
      size: this.size,
      send: (to, data) => this.#carrier.send(this.#members[to]!, envelope, data),
      receive: from =>
        new Promise((resolve, reject) =>
          this.#collectiveBox.receive({
            match: { source: this.#members[from]!, tag: envelope.tag },
            take: ({ data }) => resolve(data),
            fail: reject,
          }),
        ),
    }
  }

  #outward({ source, tag }: Match): Match {
    this.#mustBeOpen()
    if (source !== undefined) mustBeRank(source, this.size)
    if (tag !== undefined) mustBeTag(tag)
    return { ...(source !== undefined && { source: this.#members[source]! }), ...(tag !== undefined && { tag }) }
  }

  #inward(message: Message): Message {
    return { ...message, source: this.#ranks.get(message.source)! }
  }

  #mustBeOpen(): void {
    if (this.#closing) throw new MpiError('closed', 'the communicator is closed')
  }
}

function statusOf({ source, tag, bytes }: Status): Status {
  return { source, tag, bytes }
}
