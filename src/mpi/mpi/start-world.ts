import { MpiError } from '../errors.ts'
import { launcherOf } from '../launcher.ts'
import { openLibrary } from '../library/open-library.ts'
import { setUcx } from '../library/ucx-settings.ts'
import { MpiCommunicator } from './mpi-communicator.ts'
import type { PollOptions } from './poll-options.ts'
import { Runtime } from './runtime.ts'

/** Starts MPI in this process. Blocks until all have come. @throws MpiError of kind `unavailable` */
export function startWorld(poll: Required<PollOptions>): MpiCommunicator {
  const launcher = launcherOf(process.env)
  setUcx(process.env)
  const runtime = new Runtime(openLibrary(launcher.kind), poll)
  if (runtime.isInitialized)
    throw new MpiError('unavailable', 'MPI was started already by something else in this process')
  runtime.init()
  const { commWorld } = runtime.handles
  const started = launcher.kind === 'tcp' ? 1 : launcher.size
  if (started > 1 && runtime.sizeOf(commWorld) === 1) {
    runtime.leave(false)
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
    runtime.leave(alone)
  }
}
