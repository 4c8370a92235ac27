import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { WarplineError } from '../../errors.ts'

export type MpirunKind = 'openmpi' | 'mpich'

export interface Mpirun {
  readonly command: string
  readonly kind: MpirunKind
}

/** Nothing here starts ranks. */
export class NoMpirunError extends WarplineError {
  override readonly code = 'no_mpirun'
}

/** As distributions call them, where several are installed too. */
const NAMES = ['mpirun', 'mpiexec', 'mpirun.openmpi', 'mpirun.mpich'] as const

/** What `--version` prints. */
const KINDS: Readonly<Record<MpirunKind, RegExp>> = { openmpi: /Open MPI|OpenRTE|PRRTE/i, mpich: /HYDRA|MPICH/i }

/** The words of `mpirun --version`; undefined where there is no such program. */
export type AskVersion = (command: string) => Promise<string | undefined>

/**
 * The `mpirun` that is there, and whose it is.
 *
 * @param named - a path, or a name to be found in PATH; else the first that is installed
 * @throws NoMpirunError
 */
export async function findMpirun(named?: string, ask: AskVersion = askVersion): Promise<Mpirun> {
  for (const command of named === undefined ? NAMES : [named]) {
    const words = await ask(command)
    if (words === undefined) continue
    const kind = (Object.keys(KINDS) as MpirunKind[]).find(kind => KINDS[kind].test(words))
    if (kind !== undefined) return { command, kind }
    if (named !== undefined) throw new NoMpirunError(`${named} is neither Open MPI's mpirun nor MPICH's`)
  }
  throw new NoMpirunError(
    named === undefined
      ? 'there is no mpirun: install Open MPI or MPICH (apt-get install openmpi-bin), or name it by --mpirun'
      : `there is no ${named}: --mpirun names the path of Open MPI's or MPICH's`,
  )
}

async function askVersion(command: string): Promise<string | undefined> {
  try {
    const { stdout, stderr } = await promisify(execFile)(command, ['--version'], { timeout: 10_000 })
    return stdout + stderr
  } catch {
    return undefined
  }
}
