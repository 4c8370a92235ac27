import { createServer } from 'node:net'
import type { Communicator } from '../communicator.ts'
import { openTcp, type TcpOptions } from '../tcp/open-tcp.ts'

/** Below those that systems give to whoever calls: nobody else's call takes it meanwhile. */
const PORTS = { from: 10_000, count: 20_000 } as const

/** A rendezvous on this machine that is free now. */
export async function freeRendezvous(): Promise<string> {
  for (;;) {
    const port = PORTS.from + Math.floor(Math.random() * PORTS.count)
    const server = createServer()
    const isFree = await new Promise<boolean>(resolve => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    await new Promise(resolve => server.close(resolve))
    return `127.0.0.1:${port}`
  }
}

/** All ranks of a group in this process, over sockets. */
export async function tcpGroup(size: number, options: Partial<TcpOptions> = {}): Promise<Communicator[]> {
  const rendezvous = await freeRendezvous()
  const ranks = Array.from({ length: size }, (_, rank) => rank)
  return Promise.all(ranks.map(rank => openTcp({ rank, size, rendezvous, secret: 'open sesame', ...options })))
}
