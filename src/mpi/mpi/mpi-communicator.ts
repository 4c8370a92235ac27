import { bytesOf, emptyLike } from '../bytes.ts'
import type { Waiting } from '../carried/mailbox.ts'
import { mustBeColor, mustBeRank, mustBeTag } from '../checks.ts'
import type {
  Bytes,
  Operation as Combining,
  Communicator,
  Match,
  Message,
  Numbers,
  Status,
  Transfer,
} from '../communicator.ts'
import { MpiError } from '../errors.ts'
import type { Handle } from '../library/abi.ts'
import { Inbox } from './inbox.ts'
import { Operation } from './operation.ts'
import type { Arrived, Runtime } from './runtime.ts'

/** MPI counts in 32-bit ints. */
const MOST_ELEMENTS = 0x7fff_ffff

/** One of MPI's communicators. What waits is driven by `Progress`; no call here blocks, but for an instant those of `split`. */
export class MpiCommunicator implements Communicator {
  readonly rank: number
  readonly size: number
  readonly host: string
  readonly library: string
  readonly #runtime: Runtime
  readonly #comm: Handle
  /** The same group once more, for what takes several of MPI's collectives, or may block: nobody's collectives come between. */
  readonly #control: Handle
  readonly #inbox: Inbox
  readonly #leave: (alone: boolean) => Promise<void>
  /** The last that was begun on `#control`. */
  #controlled: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  /** @internal Use `openMpi`. `leave` comes last of closing, and says what becomes of the group. */
  constructor(runtime: Runtime, comm: Handle, control: Handle, leave?: (alone: boolean) => Promise<void>) {
    this.#runtime = runtime
    this.#comm = comm
    this.#control = control
    this.#leave = leave ?? (async alone => this.#free(alone))
    this.rank = runtime.rankIn(comm)
    this.size = runtime.sizeOf(comm)
    this.host = runtime.host
    this.library = runtime.version
    this.#inbox = new Inbox(runtime, comm)
  }

  get isClosed(): boolean {
    return this.#closing !== undefined
  }

  /** Whether MPI takes pointers to a GPU's memory as it takes others, where it says. */
  gpuAware(): 'yes' | 'no' | 'unknown' {
    return this.#runtime.cudaSupport
  }

  async send(data: Bytes, to: number, tag = 0): Promise<void> {
    return this.#send(data, to, tag).done
  }

  async recv(into: Bytes, match: Match = {}): Promise<Status> {
    return this.#receiveInto(into, match).done
  }

  async receive(match: Match = {}): Promise<Message> {
    return this.#receive(
      match,
      ({ bytes }) => Buffer.allocUnsafe(bytes),
      ({ source, tag, bytes }, data) => ({ source, tag, bytes, data }),
    ).done
  }

  isend(data: Bytes, to: number, tag = 0): Transfer {
    return this.#send(data, to, tag).watched()
  }

  irecv(into: Bytes, match: Match = {}): Transfer<Status> {
    return this.#receiveInto(into, match).watched()
  }

  async probe(match: Match = {}): Promise<Status> {
    this.#mustBe(match)
    return new Promise((resolve, reject) =>
      this.#inbox.probe({ match, take: arrived => resolve(statusOf(arrived)), fail: reject }),
    )
  }

  iprobe(match: Match = {}): Status | undefined {
    this.#mustBe(match)
    const arrived = this.#inbox.peek(match)
    return arrived && statusOf(arrived)
  }

  async barrier(): Promise<void> {
    const { MPI_Ibarrier } = this.#runtime.functions
    return this.#collective('MPI_Ibarrier', [], request => MPI_Ibarrier(this.#comm, request))
  }

  async bcast(data: Bytes, root = 0): Promise<void> {
    mustBeRank(root, this.size)
    const { byte } = this.#runtime.handles
    const { MPI_Ibcast } = this.#runtime.functions
    return this.#collective('MPI_Ibcast', [data], request =>
      MPI_Ibcast(data, mustFit(data.byteLength), byte, root, this.#comm, request),
    )
  }

  async gather<T extends Numbers>(part: T, root = 0): Promise<T | undefined> {
    mustBeRank(root, this.size)
    const all = this.rank === root ? emptyLike(part, mustFit(part.length * this.size)) : undefined
    await this.#gather(part, all, root, this.#comm)
    return all
  }

  /** In two steps, as nobody but a part's owner knows its length. */
  async gatherv<T extends Numbers>(part: T, root = 0): Promise<readonly T[] | undefined> {
    this.#mustBeOpen()
    mustBeRank(root, this.size)
    return this.#inOrder(async () => {
      const counts = this.rank === root ? new Int32Array(this.size) : undefined
      await this.#gather(Int32Array.of(mustFit(part.length)), counts, root, this.#control)
      return this.#gatherParts(part, counts, root)
    })
  }

  async allgather<T extends Numbers>(part: T): Promise<T> {
    const all = emptyLike(part, mustFit(part.length * this.size))
    const type = this.#typeOf(part)
    const { MPI_Iallgather } = this.#runtime.functions
    await this.#collective('MPI_Iallgather', [part, all], request =>
      MPI_Iallgather(part, part.length, type, all, part.length, type, this.#comm, request),
    )
    return all
  }

  async reduce<T extends Numbers>(values: T, operation: Combining, root = 0): Promise<T | undefined> {
    mustBeRank(root, this.size)
    const result = this.rank === root ? emptyLike(values, mustFit(values.length)) : undefined
    const [type, op] = [this.#typeOf(values), this.#runtime.handles.operations[operation]]
    const { MPI_Ireduce } = this.#runtime.functions
    await this.#collective('MPI_Ireduce', [values, result], request =>
      MPI_Ireduce(values, result ?? null, values.length, type, op, root, this.#comm, request),
    )
    return result
  }

  async allreduce<T extends Numbers>(values: T, operation: Combining): Promise<T> {
    const result = emptyLike(values, mustFit(values.length))
    const [type, op] = [this.#typeOf(values), this.#runtime.handles.operations[operation]]
    const { MPI_Iallreduce } = this.#runtime.functions
    await this.#collective('MPI_Iallreduce', [values, result], request =>
      MPI_Iallreduce(values, result, values.length, type, op, this.#comm, request),
    )
    return result
  }

  async split(color: number | undefined, key = 0): Promise<Communicator | undefined> {
    this.#mustBeOpen()
    if (color !== undefined) mustBeColor(color)
    return this.#inOrder(async () => {
      // MPI_Comm_split blocks until all have come: none comes before all are about to.
      const { MPI_Ibarrier } = this.#runtime.functions
      await this.#collective('MPI_Ibarrier', [], request => MPI_Ibarrier(this.#control, request))
      const comm = this.#runtime.split(this.#control, color, key)
      return comm === undefined ? undefined : new MpiCommunicator(this.#runtime, comm, this.#runtime.dup(comm))
    })
  }

  abort(code = 1): never {
    this.#runtime.functions.MPI_Abort(this.#comm, code)
    process.exit(code)
  }

  close({ alone = false }: { readonly alone?: boolean } = {}): Promise<void> {
    this.#closing ??= this.#close(alone)
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(alone: boolean): Promise<void> {
    this.#inbox.close(givenUp())
    if (alone) this.#runtime.progress.giveUp(givenUp(), this)
    await this.#leave(alone)
  }

  #free(alone: boolean): void {
    this.#runtime.progress.giveUp(givenUp(), this)
    // What MPI still works on keeps them; so does a group that is not whole any more.
    if (alone || this.#runtime.progress.holds(this)) return
    this.#runtime.free(this.#comm)
    this.#runtime.free(this.#control)
  }

  #send(data: Bytes, to: number, tag: number): Operation<void> {
    this.#mustBeOpen()
    mustBeRank(to, this.size)
    mustBeTag(tag)
    const bytes = mustFit(data.byteLength)
    const { functions, handles, progress } = this.#runtime
    // MPICH holds a message to oneself until it is received: whoever waits for that before receiving would wait for ever.
    const memory = to === this.rank ? Buffer.from(bytesOf(data)) : data
    const operation = new Operation<void>(progress, this, memory, () => {})
    progress.begin(operation, 'MPI_Isend', bytes, request =>
      functions.MPI_Isend(memory, bytes, handles.byte, to, tag, this.#comm, request),
    )
    if (memory !== data) operation.resolve()
    return operation
  }

  #receiveInto(into: Bytes, match: Match): Operation<Status> {
    mustFit(into.byteLength)
    return this.#receive(match, () => into, statusOf)
  }

  #receive<B extends Bytes, T>(
    match: Match,
    memoryFor: (arrived: Arrived) => B,
    finish: (arrived: Arrived, data: B) => T,
  ): Operation<T> {
    this.#mustBe(match)
    let result: () => T
    const waiting: Waiting<Arrived> = {
      match,
      take: arrived => {
        try {
          const data = memoryFor(arrived)
          operation.memory = data
          result = () => finish(arrived, data)
          this.#runtime.progress.begin(operation, 'MPI_Imrecv', arrived.bytes, request =>
            this.#runtime.imrecv(data, arrived.handle, request),
          )
        } catch (error) {
          operation.reject(error)
        }
      },
      fail: error => operation.reject(error),
    }
    const withdraw = () => this.#inbox.withdraw(waiting)
    const operation = new Operation<T>(this.#runtime.progress, this, undefined, () => result(), withdraw)
    this.#inbox.receive(waiting)
    return operation
  }

  #gather(part: Numbers, all: Numbers | undefined, root: number, comm: Handle): Promise<void> {
    const type = this.#typeOf(part)
    const { MPI_Igather } = this.#runtime.functions
    return this.#collective('MPI_Igather', [part, all], request =>
      MPI_Igather(part, part.length, type, all ?? null, part.length, type, root, comm, request),
    )
  }

  async #gatherParts<T extends Numbers>(part: T, counts: Int32Array | undefined, root: number) {
    const starts = counts && startsOf(counts)
    const all = starts && emptyLike(part, mustFit(starts.at(-1)!))
    const type = this.#typeOf(part)
    const { MPI_Igatherv } = this.#runtime.functions
    await this.#collective('MPI_Igatherv', [part, all, counts, starts], request =>
      MPI_Igatherv(
        part,
        part.length,
        type,
        all ?? null,
        counts ?? null,
        starts ?? null,
        type,
        root,
        this.#control,
        request,
      ),
    )
    return all && Array.from(counts!, (count, rank) => all.slice(starts![rank], starts![rank]! + count) as T)
  }

  #collective(call: string, memory: readonly unknown[], start: (request: number) => number): Promise<void> {
    this.#mustBeOpen()
    const operation = new Operation<void>(this.#runtime.progress, this, memory, () => {})
    this.#runtime.progress.begin(operation, call, bytesIn(memory), start)
    return operation.done
  }

  /** One after the other: what all members call in the same order, they do in the same order. */
  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#controlled.then(work)
    this.#controlled = result.catch(() => {})
    return result
  }

  #typeOf(values: Numbers): Handle {
    return this.#runtime.handles.types[values[Symbol.toStringTag]]
  }

  #mustBe({ source, tag }: Match): void {
    this.#mustBeOpen()
    if (source !== undefined) mustBeRank(source, this.size)
    if (tag !== undefined) mustBeTag(tag)
  }

  #mustBeOpen(): void {
    if (this.#closing) throw new MpiError('closed', 'the communicator is closed')
  }
}

/** @throws MpiError */
function mustFit(elements: number): number {
  if (elements > MOST_ELEMENTS)
    throw new MpiError('other', `${elements} elements are more than MPI moves at once: ${MOST_ELEMENTS}`)
  return elements
}

/** Where each part begins, and where all end. */
function startsOf(counts: Int32Array): Int32Array {
  const starts = new Int32Array(counts.length + 1)
  for (const [rank, count] of counts.entries()) starts[rank + 1] = mustFit(starts[rank]! + count)
  return starts
}

function bytesIn(memory: readonly unknown[]): number {
  return memory.reduce<number>((sum, part) => sum + (ArrayBuffer.isView(part) ? part.byteLength : 0), 0)
}

function givenUp(): MpiError {
  return new MpiError('cancelled', 'the communicator was closed before the transfer was over')
}

function statusOf({ source, tag, bytes }: Status): Status {
  return { source, tag, bytes }
}
