import { carriedWorld } from '../carried/carried-communicator.ts'
import { mustBeRank } from '../checks.ts'
import type { Communicator } from '../communicator.ts'
import { MpiError } from '../errors.ts'
import { addressIn } from './address.ts'
import { join } from './join.ts'
import { TcpCarrier } from './tcp-carrier.ts'

export interface TcpOptions {
  readonly rank: number
  /** 1 … 1024. */
  readonly size: number
  /** Where rank 0 listens until all have come, `host:port`. */
  readonly rendezvous: string
  /** What all ranks know and nobody else does; it does not go over the wire. What is sent later is not encrypted. */
  readonly secret: string
  /** Address to listen on. Default: for rank 0 the rendezvous', for others that by which they reach it. */
  readonly bind?: string
  /** How long to wait until all have come, in ms. Default 60 000. */
  readonly joinMs?: number
  /** How long a caller may say nothing before it is turned away, in ms. Default 10 000. */
  readonly silenceMs?: number
  /** How `abort` ends this process. Default: `process.exit`. */
  readonly exit?: (code: number) => never
}

/** Of sockets, each rank has one for each other. */
const MOST_RANKS = 1024

/**
 * A communicator of processes that reach each other by TCP, for where there is no MPI. A rank whose connection breaks is
 * lost: transfers with it reject with kind `lost`, and so do all collectives from then on.
 *
 * @throws MpiError of kind `unavailable`, which says who did not come and who was turned away
 * @example
 * const world = await openTcp({ rank: 0, size: 2, rendezvous: '10.0.0.1:4100', secret })
 * console.log(await world.allgather(Int32Array.of(world.rank))) // Int32Array(2) [ 0, 1 ]
 * await world.close()
 */
export async function openTcp(options: TcpOptions): Promise<Communicator> {
  const { rank, size, rendezvous, secret, bind, joinMs = 60_000, silenceMs = 10_000, exit = process.exit } = options
  if (!Number.isInteger(size) || size < 1 || size > MOST_RANKS)
    throw new MpiError('unavailable', `a group has 1 to ${MOST_RANKS} ranks, not ${size}`)
  mustBeRank(rank, size)
  if (secret === '') throw new MpiError('unavailable', 'ranks need a secret that they share (WARPLINE_SECRET)')
  const address = addressIn(rendezvous)
  const mesh =
    size === 1 ? [undefined] : await join({ rank, size, rendezvous: address, secret, bind, joinMs, silenceMs })
  return carriedWorld(new TcpCarrier(rank, mesh, exit))
}
