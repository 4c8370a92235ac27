import { freeRendezvous } from '../../src/mpi/testing/tcp-group.ts'
import { Process } from '../process.ts'

/** What tells ranks of each other: an environment for each. */
export async function tcpEnvironments(size: number): Promise<NodeJS.ProcessEnv[]> {
  const rendezvous = await freeRendezvous()
  return Array.from({ length: size }, (_, rank) => ({
    WARPLINE_RENDEZVOUS: rendezvous,
    WARPLINE_SECRET: 'open sesame',
    WARPLINE_SIZE: String(size),
    WARPLINE_RANK: String(rank),
  }))
}

/** Node with these arguments, once a rank. */
export async function startTcp(size: number, args: readonly string[]): Promise<Process[]> {
  return (await tcpEnvironments(size)).map(env => new Process(process.execPath, args, { env }))
}
