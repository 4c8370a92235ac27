import { emptyLike } from '../bytes.ts'
import type { Bytes, Operation as Combining, Numbers } from '../communicator.ts'
import type { Handle } from '../library/abi.ts'
import { mustFit } from './must-fit.ts'
import { Operation } from './operation.ts'
import type { Runtime } from './runtime.ts'

/** The collectives of one of MPI's communicators. Each has begun when the call returns, so their order is that of the calls. */
export class Collectives {
  readonly #runtime: Runtime
  readonly #comm: Handle
  readonly #owner: object
  readonly #rank: number
  readonly #size: number

  /** `owner` is whose transfers they are. */
  constructor(runtime: Runtime, comm: Handle, { owner, rank, size }: { owner: object; rank: number; size: number }) {
    this.#runtime = runtime
    this.#comm = comm
    this.#owner = owner
    this.#rank = rank
    this.#size = size
  }

  barrier(): Promise<void> {
    const { MPI_Ibarrier } = this.#runtime.functions
    return this.#begin('MPI_Ibarrier', [], request => MPI_Ibarrier(this.#comm, request))
  }

  bcast(data: Bytes, root: number): Promise<void> {
    const bytes = mustFit(data.byteLength)
    const { functions, handles } = this.#runtime
    return this.#begin('MPI_Ibcast', [data], request =>
      functions.MPI_Ibcast(data, bytes, handles.byte, root, this.#comm, request),
    )
  }

  async gather<T extends Numbers>(part: T, root: number): Promise<T | undefined> {
    const all = this.#rank === root ? emptyLike(part, mustFit(part.length * this.#size)) : undefined
    const type = this.#typeOf(part)
    const { MPI_Igather } = this.#runtime.functions
    await this.#begin('MPI_Igather', [part, all], request =>
      MPI_Igather(part, part.length, type, all ?? null, part.length, type, root, this.#comm, request),
    )
    return all
  }

  /** In two steps, as nobody but a part's owner knows its length: no other collective may come between. */
  async gatherv<T extends Numbers>(part: T, root: number): Promise<readonly T[] | undefined> {
    const counts = await this.gather(Int32Array.of(mustFit(part.length)), root)
    const starts = counts && startsOf(counts)
    const all = starts && emptyLike(part, starts.at(-1)!)
    const type = this.#typeOf(part)
    const { MPI_Igatherv } = this.#runtime.functions
    await this.#begin('MPI_Igatherv', [part, all, counts, starts], request => {
      const into = [all ?? null, counts ?? null, starts ?? null] as const
      return MPI_Igatherv(part, part.length, type, ...into, type, root, this.#comm, request)
    })
    return all && Array.from(counts!, (count, rank) => all.slice(starts![rank], starts![rank]! + count) as T)
  }

  async allgather<T extends Numbers>(part: T): Promise<T> {
    const all = emptyLike(part, mustFit(part.length * this.#size))
    const type = this.#typeOf(part)
    const { MPI_Iallgather } = this.#runtime.functions
    await this.#begin('MPI_Iallgather', [part, all], request =>
      MPI_Iallgather(part, part.length, type, all, part.length, type, this.#comm, request),
    )
    return all
  }

  async reduce<T extends Numbers>(values: T, operation: Combining, root: number): Promise<T | undefined> {
    const result = this.#rank === root ? emptyLike(values, mustFit(values.length)) : undefined
    const [type, op] = [this.#typeOf(values), this.#runtime.handles.operations[operation]]
    const { MPI_Ireduce } = this.#runtime.functions
    await this.#begin('MPI_Ireduce', [values, result], request =>
      MPI_Ireduce(values, result ?? null, values.length, type, op, root, this.#comm, request),
    )
    return result
  }

  async allreduce<T extends Numbers>(values: T, operation: Combining): Promise<T> {
    const result = emptyLike(values, mustFit(values.length))
    const [type, op] = [this.#typeOf(values), this.#runtime.handles.operations[operation]]
    const { MPI_Iallreduce } = this.#runtime.functions
    await this.#begin('MPI_Iallreduce', [values, result], request =>
      MPI_Iallreduce(values, result, values.length, type, op, this.#comm, request),
    )
    return result
  }

  #begin(call: string, memory: readonly unknown[], start: (request: number) => number): Promise<void> {
    const { progress } = this.#runtime
    const operation = new Operation<void>(progress, this.#owner, memory, () => {})
    progress.begin(operation, call, bytesIn(memory), start)
    return operation.done
  }

  #typeOf(values: Numbers): Handle {
    return this.#runtime.handles.types[values[Symbol.toStringTag]]
  }
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
