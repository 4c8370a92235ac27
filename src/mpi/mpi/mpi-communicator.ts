import { bytesOf } from '../bytes.ts'
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
import { Collectives } from './collectives.ts'
import { Inbox } from './inbox.ts'
import { mustFit } from './must-fit.ts'
import { Operation } from './operation.ts'
import type { Arrived, Runtime } from './runtime.ts'

/** One of MPI's communicators. What waits is driven by `Progress`; no call here blocks, but for an instant those of `split`. */
export class MpiCommunicator implements Communicator {
  readonly rank: number
  readonly size: number
  readonly host: string
  readonly library: string
  readonly #runtime: Runtime
  readonly #comm: Handle
  /** The same group once more, for what takes several of MPI's collectives, or may block: nobody's collectives come between. */
  readonly #controlComm: Handle
  readonly #collectives: Collectives
  readonly #control: Collectives
  readonly #inbox: Inbox
  readonly #leave: (alone: boolean) => Promise<void>
  /** The last that was begun on `#control`. */
  #controlled: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  /** @internal Use `openMpi`. `leave` comes last of closing, and says what becomes of the group. */
  constructor(runtime: Runtime, comm: Handle, control: Handle, leave?: (alone: boolean) => Promise<void>) {
    this.#runtime = runtime
    this.#comm = comm
    this.#controlComm = control
    this.#leave = leave ?? (async alone => this.#free(alone))
    this.rank = runtime.rankIn(comm)
    this.size = runtime.sizeOf(comm)
    this.host = runtime.host
    this.library = runtime.version
    this.#inbox = new Inbox(runtime, comm)
    const group = { owner: this, rank: this.rank, size: this.size }
    this.#collectives = new Collectives(runtime, comm, group)
    this.#control = new Collectives(runtime, control, group)
  }

  /** Also where the world is, as MPI ends with it. */
  get isClosed(): boolean {
    return this.#closing !== undefined || this.#runtime.isOver
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
    this.#mustBeOpen()
    return this.#collectives.barrier()
  }

  async bcast(data: Bytes, root = 0): Promise<void> {
    this.#mustHave(root)
    return this.#collectives.bcast(data, root)
  }

  async gather<T extends Numbers>(part: T, root = 0): Promise<T | undefined> {
    this.#mustHave(root)
    return this.#collectives.gather(part, root)
  }

  async gatherv<T extends Numbers>(part: T, root = 0): Promise<readonly T[] | undefined> {
    this.#mustHave(root)
    return this.#inOrder(() => this.#control.gatherv(part, root))
  }

  async allgather<T extends Numbers>(part: T): Promise<T> {
    this.#mustBeOpen()
    return this.#collectives.allgather(part)
  }

  async reduce<T extends Numbers>(values: T, operation: Combining, root = 0): Promise<T | undefined> {
    this.#mustHave(root)
    return this.#collectives.reduce(values, operation, root)
  }

  async allreduce<T extends Numbers>(values: T, operation: Combining): Promise<T> {
    this.#mustBeOpen()
    return this.#collectives.allreduce(values, operation)
  }

  async split(color: number | undefined, key = 0): Promise<Communicator | undefined> {
    this.#mustBeOpen()
    if (color !== undefined) mustBeColor(color)
    return this.#inOrder(async () => {
      // MPI_Comm_split blocks until all have come: none comes before all are about to.
      await this.#control.barrier()
      const comm = this.#runtime.split(this.#controlComm, color, key)
      return comm === undefined ? undefined : new MpiCommunicator(this.#runtime, comm, this.#runtime.dup(comm))
    })
  }

  abort(code = 1): never {
    if (!this.#runtime.isOver) this.#runtime.functions.MPI_Abort(this.#comm, code)
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
    if (alone || this.#runtime.isOver || this.#runtime.progress.holds(this)) return
    this.#runtime.free(this.#comm)
    this.#runtime.free(this.#controlComm)
  }

  #send(data: Bytes, to: number, tag: number): Operation<void> {
    this.#mustBeOpen()
    mustBeRank(to, this.size)
    mustBeTag(tag)
    const bytes = mustFit(data.byteLength)
    const { functions, handles, progress } = this.#runtime
    // MPI may hold a message to oneself until it is received: whoever waits for that before receiving would wait for ever.
    // Where MPI takes memory of GPUs, it may be such, which only MPI can read.
    const memory = to === this.rank && this.gpuAware() !== 'yes' ? Buffer.from(bytesOf(data)) : data
    const operation = new Operation<void>(progress, this, memory, () => {})
    progress.begin(operation, 'MPI_Isend', bytes, request =>
      functions.MPI_Isend(memory, bytes, handles.byte, to, tag, this.#comm, request),
    )
    if (memory !== data) operation.resolve()
    return operation
  }

  #receiveInto(into: Bytes, match: Match): Operation<Status> {
    mustFit(into.byteLength)
    // Open MPI 4.1 writes all of a long message, whatever room it is told that there is.
    const memoryFor = ({ bytes }: Arrived): Bytes => (bytes > into.byteLength ? Buffer.allocUnsafe(bytes) : into)
    return this.#receive(match, memoryFor, (arrived, data) => {
      if (data !== into) throw tooLong(arrived, into.byteLength)
      return statusOf(arrived)
    })
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

  /** One after the other: what all members call in the same order, they do in the same order. */
  #inOrder<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#controlled.then(work)
    this.#controlled = result.catch(() => {})
    return result
  }

  #mustHave(root: number): void {
    this.#mustBeOpen()
    mustBeRank(root, this.size)
  }

  #mustBe({ source, tag }: Match): void {
    this.#mustBeOpen()
    if (source !== undefined) mustBeRank(source, this.size)
    if (tag !== undefined) mustBeTag(tag)
  }

  #mustBeOpen(): void {
    if (this.isClosed) throw new MpiError('closed', 'the communicator is closed')
  }
}

function tooLong({ source, bytes }: Status, room: number): MpiError {
  return new MpiError('truncated', `rank ${source} sent ${bytes} bytes, and there is room for ${room}`)
}

function givenUp(): MpiError {
  return new MpiError('cancelled', 'the communicator was closed before the transfer was over')
}

function statusOf({ source, tag, bytes }: Status): Status {
  return { source, tag, bytes }
}
