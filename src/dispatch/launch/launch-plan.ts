import { FOLDER_VARIABLE } from '../recovery.ts'
import type { Mpirun } from './find-mpirun.ts'

export interface LaunchRequest {
  readonly ranks: number
  /** The program and its arguments, as each rank runs it. */
  readonly program: readonly string[]
  readonly cores: number
  readonly isRoot: boolean
  /** Where ranks leave word: see {@link FOLDER_VARIABLE}. */
  readonly folder: string
}

/** What is started, and how it is told to come to an end. */
export interface LaunchPlan {
  readonly command: string
  readonly args: readonly string[]
  /** Added to the environment. */
  readonly env: Readonly<Record<string, string>>
  /**
   * The signal to `mpirun` by which ranks finish what they have begun. Open MPI's kills them two seconds after SIGINT and
   * hands SIGUSR1 on; MPICH's hands SIGINT on, and sends SIGUSR1 itself where a rank dies.
   */
  readonly drain: 'SIGUSR1' | 'SIGINT'
}

/**
 * MPICH's kills all where a rank is ended by a signal, whatever it is told; so a shell stands between, which ends well then.
 * It outlives what is meant for the rank.
 */
const SHELL = 'trap : USR1 INT TERM; "$@"; code=$?; [ "$code" -gt 128 ] && exit 0; exit "$code"'

/** How `mpirun` is to be started so that one rank's death is not that of all. Pure. */
export function launchPlan({ command, kind }: Mpirun, request: LaunchRequest): LaunchPlan {
  const { ranks, program, cores, isRoot, folder } = request
  const env = { [FOLDER_VARIABLE]: folder }
  if (kind === 'mpich')
    return {
      command,
      args: ['-disable-auto-cleanup', '-np', String(ranks), 'sh', '-c', SHELL, 'sh', ...program],
      env,
      drain: 'SIGINT',
    }
  return {
    command,
    args: ['--enable-recovery', ...(ranks > cores ? ['--oversubscribe'] : []), '-np', String(ranks), ...program],
    env: { ...env, ...(isRoot && { OMPI_ALLOW_RUN_AS_ROOT: '1', OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1' }) },
    drain: 'SIGUSR1',
  }
}
