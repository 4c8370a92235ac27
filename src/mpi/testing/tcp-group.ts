import { createServer } from 'node:net'
import type { Communicator } from '../communicator.ts'
import { openTcp, type TcpOptions } from '../tcp/open-tcp.ts'

/** A rendezvous on this machine that is free now. */
export async function freeRendezvous(): Promise<string> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { readonly port: number }
  await new Promise(resolve => server.close(resolve))
  return `127.0.0.1:${port}`
}

/** All ranks of a group in this process, over sockets. */
export async function tcpGroup(size: number, options: Partial<TcpOptions> = {}): Promise<Communicator[]> {
  const rendezvous = await freeRendezvous()
  const ranks = Array.from({ length: size }, (_, rank) => rank)
  return Promise.all(ranks.map(rank => openTcp({ rank, size, rendezvous, secret: 'open sesame', ...options })))
}
