import type { Exchange } from '../exchange/exchange.ts'

/** Which engine of several answers, and what of the time until now was neither its own nor waiting; else nothing. */
export function servedHeaders({ served, ownMs }: Exchange): Readonly<Record<string, string>> | undefined {
  if (served === undefined) return undefined
  return {
    'X-Warpline-Upstream': encodeURI(served.upstream),
    'X-Warpline-Overhead-Ms': (ownMs + served.overheadMs).toFixed(3),
  }
}
