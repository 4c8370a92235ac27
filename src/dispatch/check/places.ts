import type { Communicator } from '../../mpi/index.ts'

/** Where a rank is. */
export interface Place {
  readonly rank: number
  readonly host: string
  /** Among the ranks of its host, from 0. */
  readonly localRank: number
}

/** Longer names are cut, as those of hosts are not. */
const NAME_BYTES = 256

/** By what all say of themselves: launchers do not all tell. */
export async function placesOf(world: Communicator): Promise<readonly Place[]> {
  const name = new Uint8Array(NAME_BYTES)
  name.set(Buffer.from(world.host).subarray(0, NAME_BYTES))
  const names = await world.allgather(name)
  const seen = new Map<string, number>()
  return Array.from({ length: world.size }, (_, rank) => {
    const bytes = names.subarray(rank * NAME_BYTES, (rank + 1) * NAME_BYTES)
    const host = Buffer.from(bytes).toString().replace(/\0+$/, '')
    const localRank = seen.get(host) ?? 0
    seen.set(host, localRank + 1)
    return { rank, host, localRank }
  })
}

export function hostsOf(places: readonly Place[]): { readonly host: string; readonly ranks: readonly number[] }[] {
  const hosts = [...new Set(places.map(({ host }) => host))]
  return hosts.map(host => ({ host, ranks: places.filter(place => place.host === host).map(({ rank }) => rank) }))
}
