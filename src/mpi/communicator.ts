/** What may be sent as it lies in memory. */
export type Bytes = NodeJS.ArrayBufferView

/** What collectives compute with; the element type says which of MPI's types it is. */
export type Numbers =
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array
  | Uint8Array

export type Operation = 'sum' | 'min' | 'max' | 'product'

/** Of a message that has come, or waits to be received. */
export interface Status {
  readonly source: number
  readonly tag: number
  readonly bytes: number
}

/** A message whose length was not known before. */
export interface Message extends Status {
  readonly data: Buffer
}

/** From whom, and marked how; what is left out may be any. */
export interface Match {
  readonly source?: number
  /** 0 … 32 767, the range that every MPI has. */
  readonly tag?: number
}

/** A transfer that is under way. */
export interface Transfer<T = void> {
  /** Whether it is over; looks itself, and never waits. */
  test(): boolean
  /** Resolves when it is over. @throws MpiError */
  readonly done: Promise<T>
  /** Gives it up where it has not begun; `done` then rejects with an `MpiError` of kind `cancelled`. */
  cancel(): void
}

/**
 * A group of processes that speak to each other: MPI's communicator, by MPI's words. Nothing in it holds the event loop up:
 * what waits gives a promise. Memory that was handed over belongs to the transfer until its promise has settled.
 *
 * Every member calls collectives (`barrier` to `split`) in the same order; they may be called before an earlier one is over.
 *
 * @example
 * const world = await openMpi()
 * if (world.rank === 0) await world.send(Buffer.from('hello'), 1, 7)
 * else console.log((await world.receive({ tag: 7 })).data.toString())
 * await world.close()
 */
export interface Communicator extends AsyncDisposable {
  /** 0 … size − 1. */
  readonly rank: number
  readonly size: number
  /** The machine's name. */
  readonly host: string
  /** What carries the messages, e.g. `Open MPI 4.1.4`, `TCP`. */
  readonly library: string

  /** Resolves once `data` may be changed again, which says nothing of its arrival. @throws MpiError */
  send(data: Bytes, to: number, tag?: number): Promise<void>
  /** Into memory of the caller's, which may be longer than what comes. @throws MpiError of kind `truncated`, where it is shorter */
  recv(into: Bytes, match?: Match): Promise<Status>
  /** As long as it comes. */
  receive(match?: Match): Promise<Message>
  isend(data: Bytes, to: number, tag?: number): Transfer
  irecv(into: Bytes, match?: Match): Transfer<Status>
  /** Waits until a message could be received. */
  probe(match?: Match): Promise<Status>
  /** Whether one could be, now. */
  iprobe(match?: Match): Status | undefined

  barrier(): Promise<void>
  /** `data` of `root` becomes everybody's. */
  bcast(data: Bytes, root?: number): Promise<void>
  /** At `root`, all parts in the order of ranks; they are equally long. Elsewhere undefined. */
  gather<T extends Numbers>(part: T, root?: number): Promise<T | undefined>
  /** As `gather`, of parts that need not be equally long; empty ones too. At `root`, a part for each rank. */
  gatherv<T extends Numbers>(part: T, root?: number): Promise<readonly T[] | undefined>
  allgather<T extends Numbers>(part: T): Promise<T>
  /** At `root`, element by element over all ranks. Elsewhere undefined. */
  reduce<T extends Numbers>(values: T, operation: Operation, root?: number): Promise<T | undefined>
  allreduce<T extends Numbers>(values: T, operation: Operation): Promise<T>
  /** Those with the same `color` (0 or more; undefined: none) become a communicator, ordered by `key`, then by rank. */
  split(color: number | undefined, key?: number): Promise<Communicator | undefined>

  /** Ends all processes of the group at once, with this code. */
  abort(code?: number): never
  /**
   * Leaves; of the world, ends MPI, for which all must come. Transfers that are under way are given up. `alone`: the others
   * will not come, as some are lost: whatever would wait for them is left out. Idempotent.
   */
  close(options?: { readonly alone?: boolean }): Promise<void>
}

export const TAG_LIMIT = 32_767
