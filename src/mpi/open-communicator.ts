import type { Communicator } from './communicator.ts'
import { MpiError } from './errors.ts'
import { launcherOf } from './launcher.ts'
import { localGroup } from './local.ts'
import type { PollOptions } from './mpi/poll-options.ts'
import { openTcp, type TcpOptions } from './tcp/open-tcp.ts'

export interface CommunicatorOptions {
  /** Default: `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** How often MPI is asked for what has come: latency against CPU. */
  readonly poll?: PollOptions
}

/**
 * The communicator that this process was started for: over TCP where `WARPLINE_RENDEZVOUS` is set, over MPI where an MPI's
 * launcher started it, else of this process alone.
 *
 * @throws MpiError
 * @example
 * // mpirun -np 4 node ranks.js
 * const world = await openCommunicator()
 * console.log(`rank ${world.rank} of ${world.size}`)
 * await world.close()
 */
export async function openCommunicator({ env = process.env, poll }: CommunicatorOptions = {}): Promise<Communicator> {
  const { kind, rank, size } = launcherOf(env)
  if (kind === 'none') return localGroup(1)[0]!
  if (kind === 'tcp') return openTcp({ rank, size, ...tcpOptionsOf(env) })
  // MPI's library is nothing that the others should wait for.
  const { openMpi } = await import('./mpi/open-mpi.ts')
  return openMpi(poll ? { poll } : {})
}

function tcpOptionsOf(
  env: NonNullable<CommunicatorOptions['env']>,
): Pick<TcpOptions, 'rendezvous' | 'secret' | 'bind'> {
  const { WARPLINE_RENDEZVOUS: rendezvous = '', WARPLINE_SECRET: secret, WARPLINE_BIND: bind } = env
  if (!secret)
    throw new MpiError('unavailable', 'WARPLINE_RENDEZVOUS is set, so WARPLINE_SECRET must be, alike for all')
  return { rendezvous, secret, ...(bind && { bind }) }
}
