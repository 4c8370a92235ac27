import { spawnSync } from 'node:child_process'
import { type Ended, Process, run } from '../process.ts'

export const MPIS = ['Open MPI', 'MPICH'] as const
export type Mpi = (typeof MPIS)[number]

/** Debian's names come first: its plain `mpirun` may be either's. */
const LAUNCHERS = {
  'Open MPI': { commands: ['mpirun.openmpi', 'mpirun'], version: /Open MPI|OpenRTE/, args: ['--oversubscribe'] },
  MPICH: { commands: ['mpirun.mpich', 'mpirun'], version: /HYDRA/, args: [] },
} as const satisfies Record<Mpi, unknown>

/** Open MPI refuses root otherwise, which is what a container is. */
const AS_ROOT = { OMPI_ALLOW_RUN_AS_ROOT: '1', OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1' }

/** The command that starts processes for this MPI; undefined where it is not installed. */
export function launcherFor(mpi: Mpi): string | undefined {
  const { commands, version } = LAUNCHERS[mpi]
  return commands.find(command => version.test(spawnSync(command, ['--version'], { encoding: 'utf8' }).stdout ?? ''))
}

export interface Job {
  readonly mpi: Mpi
  readonly ranks: number
  /** From the root of the repository. */
  readonly program: string
  readonly args?: readonly string[]
  readonly launcherArgs?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
}

/** Runs a program on so many ranks, to its end. */
export function mpirun(job: Job): Promise<Ended> {
  const { command, args, env } = commandOf(job)
  return run(command, args, { env })
}

/** As `mpirun`, to be looked at meanwhile. */
export function startMpi(job: Job): Process {
  const { command, args, env } = commandOf(job)
  return new Process(command, args, { env })
}

function commandOf({ mpi, ranks, program, args = [], launcherArgs = [], env = {} }: Job) {
  const command = launcherFor(mpi)
  if (command === undefined) throw new Error(`${mpi} is not installed`)
  const node = [process.execPath, '--import', 'tsx', program, ...args]
  return {
    command,
    args: [...LAUNCHERS[mpi].args, ...launcherArgs, '-np', String(ranks), ...node],
    env: { ...AS_ROOT, ...env },
  }
}
