import { MpiError } from '../errors.ts'
import { launcherOf } from '../launcher.ts'
import { openLibrary } from '../library/open-library.ts'
import { setUcx } from '../library/ucx-settings.ts'
import { MpiCommunicator } from './mpi-communicator.ts'
import { POLL_DEFAULTS, type PollOptions } from './poll-options.ts'
import { Runtime } from './runtime.ts'

export interface MpiOptions {
  /** How often MPI is asked for what has come: latency against CPU. */
  readonly poll?: PollOptions
}

let opened: MpiCommunicator | undefined

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
  if (opened.isClosed) throw new MpiError('closed', 'MPI was closed: it can be started once a process')
  return opened
}

function start(poll: Required<PollOptions>): MpiCommunicator {
  const launcher = launcherOf(process.env)
  setUcx(process.env)
  const runtime = new Runtime(openLibrary(launcher.kind), poll)
  if (runtime.isInitialized)
    throw new MpiError('unavailable', 'MPI was started already by something else in this process')
  runtime.init()
  const { commWorld } = runtime.handles
  const size = runtime.sizeOf(commWorld)
  const started = launcher.kind === 'tcp' ? 1 : launcher.size
  if (size === 1 && started > 1) {
    runtime.finalize()
    throw new MpiError(
      'unavailable',
      `${runtime.version} finds itself alone, where the launcher has started ${started} processes: start them by the mpirun of the same MPI, or name its library by WARPLINE_MPI_LIBRARY`,
    )
  }
  return new MpiCommunicator(runtime, commWorld, runtime.dup(commWorld), leaveBy(runtime))
}

/** How the world is left: MPI ends when all have come, and what is pending then, nobody will answer. */
function leaveBy(runtime: Runtime): (alone: boolean) => Promise<void> {
  const farewell = new MpiCommunicator(runtime, runtime.dup(runtime.handles.commWorld), runtime.handles.commNull)
  return async alone => {
    if (!alone) await farewell.barrier()
    runtime.progress.giveUp(new MpiError('cancelled', 'MPI was closed before the transfer was over'))
    runtime.progress.stop()
    if (!alone) runtime.finalize()
  }
}
