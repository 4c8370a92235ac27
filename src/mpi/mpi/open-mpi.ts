import { MpiError } from '../errors.ts'
import type { MpiCommunicator } from './mpi-communicator.ts'
import { POLL_DEFAULTS, type PollOptions } from './poll-options.ts'

export interface MpiOptions {
  /** How often MPI is asked for what has come: latency against CPU. */
  readonly poll?: PollOptions
}

let opened: Promise<MpiCommunicator> | undefined

/**
 * The world of this process, by MPI: all processes that `mpirun` has started, or this one alone. Which library it is, is
 * told by `WARPLINE_MPI_LIBRARY`, else by who has started the process, else by what is installed. MPI can be started once
 * a process: a second call gives the same world, whose first call's options hold. Starting takes about a third of a second
 * and blocks until all have come.
 *
 * @throws MpiError of kind `unavailable` where there is no MPI, or one that another launcher has nothing to do with;
 * of kind `closed` after the world was closed.
 *
 * @example
 * // mpirun -np 2 node sum.js
 * const world = await openMpi()
 * const sum = await world.allreduce(Int32Array.of(world.rank), 'sum')
 * if (world.rank === 0) console.log(`${world.library}: ${sum[0]}`)
 * await world.close()
 */
export async function openMpi({ poll = {} }: MpiOptions = {}): Promise<MpiCommunicator> {
  opened ??= start({ ...POLL_DEFAULTS, ...poll })
  const world = await opened
  if (world.isClosed) throw new MpiError('closed', 'MPI was closed: it can be started once a process')
  return world
}

/** Whoever needs no MPI does not wait for FFI to be loaded. */
async function start(poll: Required<PollOptions>): Promise<MpiCommunicator> {
  const { startWorld } = await import('./start-world.ts')
  return startWorld(poll)
}
