import { MpiError } from './errors.ts'

export type LauncherKind = 'openmpi' | 'mpich' | 'tcp' | 'none'

/** What the environment says of who started this process, and as which of how many. */
export interface Launcher {
  readonly kind: LauncherKind
  readonly rank: number
  readonly size: number
  /** Among those of this host; undefined where the launcher does not say. */
  readonly localRank: number | undefined
  readonly localSize: number | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

/** Rank, size, local rank, local size. Intel's MPI and other children of MPICH are started by the same. */
const VARIABLES: Readonly<Record<Exclude<LauncherKind, 'none'>, readonly [string, string, string, string]>> = {
  tcp: ['WARPLINE_RANK', 'WARPLINE_SIZE', 'WARPLINE_LOCAL_RANK', 'WARPLINE_LOCAL_SIZE'],
  openmpi: ['OMPI_COMM_WORLD_RANK', 'OMPI_COMM_WORLD_SIZE', 'OMPI_COMM_WORLD_LOCAL_RANK', 'OMPI_COMM_WORLD_LOCAL_SIZE'],
  mpich: ['PMI_RANK', 'PMI_SIZE', 'MPI_LOCALRANKID', 'MPI_LOCALNRANKS'],
}

const ALONE: Launcher = { kind: 'none', rank: 0, size: 1, localRank: 0, localSize: 1 }

/**
 * By the environment alone. `WARPLINE_RENDEZVOUS` beats a launcher's variables: whoever sets it means it.
 *
 * @throws MpiError where `WARPLINE_RENDEZVOUS` is set and rank or size are not, or make no sense
 */
export function launcherOf(env: Environment): Launcher {
  if (env.WARPLINE_RENDEZVOUS) {
    const found = read('tcp', env)
    if (found) return found
    throw new MpiError(
      'unavailable',
      `WARPLINE_RENDEZVOUS is set, so WARPLINE_SIZE must be how many ranks there are, and WARPLINE_RANK which of them this is, from 0 on (they are ${env.WARPLINE_SIZE ?? 'not set'} and ${env.WARPLINE_RANK ?? 'not set'})`,
    )
  }
  return read('openmpi', env) ?? read('mpich', env) ?? ALONE
}

function read(kind: Exclude<LauncherKind, 'none'>, env: Environment): Launcher | undefined {
  const [rank, size, localRank, localSize] = VARIABLES[kind].map(name => count(env[name]))
  if (rank === undefined || size === undefined || rank >= size) return undefined
  return { kind, rank, size, localRank, localSize }
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined
}
