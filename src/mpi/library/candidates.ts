import { basename, dirname, join } from 'node:path'
import type { Abi } from './abi.ts'

/** What candidates are made of; the system's in use, a table in tests. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv
  /** Whose launcher has started this process, if one has. */
  readonly launcher: 'openmpi' | 'mpich' | 'tcp' | 'none'
  /** The real path of a file; undefined where there is none. */
  realPath(path: string): string | undefined
}

/** A file to try, and the ABI that it must turn out to have: a name alone may be anybody's. */
export interface Candidate {
  readonly file: string
  readonly abi?: Abi['name']
}

const FILES = {
  'Open MPI': ['libmpi.so.40', 'libmpi.so'],
  MPICH: ['libmpich.so.12', 'libmpi.so.12', 'libmpi.so'],
  'MPI standard ABI': ['libmpi_abi.so.0', 'libmpi_abi.so'],
} as const satisfies Record<Abi['name'], readonly string[]>

/**
 * The libraries to try, in order: `WARPLINE_MPI_LIBRARY` alone; else those of the launcher that has started this process,
 * as another's would not find the other ranks; else all that are known. Plain names are left to the loader, which looks
 * in LD_LIBRARY_PATH and where the system's libraries are; then come the folders beside `mpirun`.
 */
export function candidates(surroundings: Surroundings): readonly Candidate[] {
  const told = surroundings.env.WARPLINE_MPI_LIBRARY
  if (told) return [{ file: told }]
  const folders = ['', ...libraryFolders(surroundings)]
  return abisOf(surroundings.launcher).flatMap(abi =>
    folders.flatMap(folder => FILES[abi].map(file => ({ file: folder ? join(folder, file) : file, abi }))),
  )
}

/** The standard ABI is last: those that offer it have their own, too. */
function abisOf(launcher: Surroundings['launcher']): readonly Abi['name'][] {
  if (launcher === 'openmpi') return ['Open MPI', 'MPI standard ABI']
  if (launcher === 'mpich') return ['MPICH', 'MPI standard ABI']
  return ['Open MPI', 'MPICH', 'MPI standard ABI']
}

/** Of installations that the loader does not know, which the launcher or a module system names. */
function libraryFolders({ env, realPath }: Surroundings): string[] {
  const named = [env.OPAL_PREFIX, env.MPI_HOME, env.I_MPI_ROOT]
  const launchers = (env.PATH ?? '').split(':').filter(Boolean)
  const prefixes = launchers.flatMap(folder => {
    const mpirun = realPath(join(folder, 'mpirun'))
    return mpirun && basename(dirname(mpirun)) === 'bin' ? [dirname(dirname(mpirun))] : []
  })
  const all = new Set([...named, ...prefixes].filter(prefix => prefix !== undefined && prefix !== ''))
  return [...all]
    .flatMap(prefix => ['lib', 'lib64', 'lib/release'].map(folder => join(prefix!, folder)))
    .filter(folder => realPath(folder) !== undefined)
}
