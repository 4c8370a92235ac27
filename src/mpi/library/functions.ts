import type { Bytes } from '../communicator.ts'
import type { Handle } from './abi.ts'

/** What parameters are, once for the foreign call and once for TypeScript. */
interface Kinds {
  readonly int: number
  readonly handle: Handle
  /** Memory of the caller's; MPI may go on using it after the call. */
  readonly buffer: Bytes | null
  /** Where something of ours lies that does not move. */
  readonly address: number
}

type Kind = keyof Kinds

/** What koffi calls them; what a handle is, is the ABI's. */
export const NATIVE: Readonly<Record<Exclude<Kind, 'handle'>, string>> = {
  int: 'int32_t',
  buffer: 'void *',
  address: 'uint64_t',
}

/** The functions of MPI that are called, as in mpi.h; all give an error code. */
export const MPI_FUNCTIONS = {
  MPI_Get_library_version: ['buffer', 'buffer'],
  MPI_Initialized: ['address'],
  MPI_Init_thread: ['buffer', 'buffer', 'int', 'address'],
  MPI_Finalize: [],
  MPI_Abort: ['handle', 'int'],
  MPI_Get_processor_name: ['buffer', 'buffer'],
  MPI_Error_class: ['int', 'address'],
  MPI_Error_string: ['int', 'buffer', 'buffer'],

  MPI_Comm_rank: ['handle', 'address'],
  MPI_Comm_size: ['handle', 'address'],
  MPI_Comm_dup: ['handle', 'address'],
  MPI_Comm_split: ['handle', 'int', 'int', 'address'],
  MPI_Comm_free: ['address'],
  MPI_Comm_set_errhandler: ['handle', 'handle'],

  MPI_Isend: ['buffer', 'int', 'handle', 'int', 'int', 'handle', 'address'],
  MPI_Improbe: ['int', 'int', 'handle', 'address', 'address', 'address'],
  MPI_Imrecv: ['buffer', 'int', 'handle', 'address', 'address'],
  MPI_Get_count: ['address', 'handle', 'address'],
  MPI_Test: ['address', 'address', 'address'],
  MPI_Testsome: ['int', 'address', 'address', 'address', 'address'],

  MPI_Ibarrier: ['handle', 'address'],
  MPI_Ibcast: ['buffer', 'int', 'handle', 'int', 'handle', 'address'],
  MPI_Igather: ['buffer', 'int', 'handle', 'buffer', 'int', 'handle', 'int', 'handle', 'address'],
  MPI_Igatherv: ['buffer', 'int', 'handle', 'buffer', 'buffer', 'buffer', 'handle', 'int', 'handle', 'address'],
  MPI_Iallgather: ['buffer', 'int', 'handle', 'buffer', 'int', 'handle', 'handle', 'address'],
  MPI_Ireduce: ['buffer', 'buffer', 'int', 'handle', 'handle', 'int', 'handle', 'address'],
  MPI_Iallreduce: ['buffer', 'buffer', 'int', 'handle', 'handle', 'handle', 'address'],
} as const satisfies Record<string, readonly Kind[]>

export type MpiFunctions = {
  readonly [Name in keyof typeof MPI_FUNCTIONS]: (...args: Arguments<(typeof MPI_FUNCTIONS)[Name]>) => number
}

type Arguments<S extends readonly Kind[]> = { -readonly [Index in keyof S]: Kinds[S[Index]] }
