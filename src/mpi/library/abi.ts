import type { Numbers, Operation } from '../communicator.ts'

/** A communicator, request, datatype …: a number in every ABI, be it an address. */
export type Handle = number

/** What sets one MPI's binary interface apart from another's. MPI itself fixes only the names. */
export interface Abi {
  readonly name: 'Open MPI' | 'MPICH' | 'MPI standard ABI'
  /** What a handle is in C. */
  readonly handle: 'int32_t' | 'int64_t'
  /** MPI_Status: its length in bytes, and where its fields lie, in 32-bit words. */
  readonly status: { readonly bytes: number; readonly source: number; readonly tag: number; readonly error: number }
  readonly anySource: number
  readonly anyTag: number
  /** The color of those that want no communicator, and a count that cannot be said. */
  readonly undefined: number
  readonly threadFunneled: number
  readonly errorClass: Readonly<Record<'tag' | 'rank' | 'root' | 'truncate', number>>
  /** Some are addresses in the library, and known once it is loaded. */
  handles(addressOf: (symbol: string) => number): Handles
}

/** The handles that MPI has from the start. */
export interface Handles {
  readonly commWorld: Handle
  readonly commSelf: Handle
  readonly commNull: Handle
  readonly requestNull: Handle
  readonly errorsReturn: Handle
  readonly byte: Handle
  readonly types: Readonly<Record<Numbers[typeof Symbol.toStringTag], Handle>>
  readonly operations: Readonly<Record<Operation, Handle>>
}
