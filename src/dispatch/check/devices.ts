import type { Bytes, Communicator } from '../../mpi/index.ts'
import type { Check, CheckContext, Found } from './check.ts'
import { microseconds } from './text.ts'

const BYTES = 4 * 2 ** 20
const LINE_BYTES = 256

/** Which card each rank would take: those of its host in turn. */
export const DEVICES: Check = {
  name: 'GPU of each rank',
  async run(context) {
    const { world, places, gpus } = context
    const own = ordinalOf(context)
    const lines = await told(world, own === undefined ? '' : `cuda:${own} ${gpus.names[own]}`)
    if (lines.every(line => line === '')) return { notRun: gpus.why }
    const figures = lines.map((line, rank) => ({ rank, host: places[rank]!.host, device: line || null }))
    return { detail: figures.map(({ rank, device }) => `rank ${rank} ${device ?? 'none'}`).join(', '), figures }
  },
}

/**
 * From a card's memory to that of the next rank's: straight where MPI can do that, else by way of the host. A pointer to a
 * card's memory is given to no other MPI: it would read there itself, and crash.
 */
export const GPU_TRANSFER: Check = {
  name: 'GPU to GPU',
  async run(context) {
    const { world, gpus } = context
    const own = ordinalOf(context)
    const [all] = await world.allreduce(Int32Array.of(own === undefined ? 0 : 1), 'min')
    if (all !== 1) return { notRun: own === undefined ? gpus.why : 'not all ranks have a GPU' }
    using from = gpus.open(own!, BYTES)
    using to = gpus.open(own!, BYTES)
    from.write(pattern(world.rank))
    to.write(new Uint8Array(BYTES))
    const straight = isGpuAware(world)
    const before = (world.rank + world.size - 1) % world.size
    const began = performance.now()
    if (straight) await pass(world, from.memory, to.memory)
    else {
      const room = new Uint8Array(BYTES)
      await pass(world, from.read(), room)
      to.write(room)
    }
    const us = 1000 * (performance.now() - began)
    const wrong = firstDifference(to.read(), pattern(before))
    if (wrong >= 0) throw new Error(`byte ${wrong} of what rank ${before} sent is another on the GPU`)
    return outcome(straight, us)
  },
}

function outcome(straight: boolean, us: number): Found {
  const way = straight ? 'straight' : 'by way of the host, as MPI takes no GPU’s memory'
  return { detail: `4 MiB, ${way}, in ${microseconds(us)}`, figures: { bytes: BYTES, straight, us } }
}

function ordinalOf({ world, places, gpus }: CheckContext): number | undefined {
  return gpus.names.length === 0 ? undefined : places[world.rank]!.localRank % gpus.names.length
}

function isGpuAware(world: Communicator): boolean {
  return 'gpuAware' in world && typeof world.gpuAware === 'function' && world.gpuAware() === 'yes'
}

async function pass(world: Communicator, data: Bytes, into: Bytes): Promise<void> {
  const sent = world.isend(data, (world.rank + 1) % world.size)
  await world.recv(into, { source: (world.rank + world.size - 1) % world.size })
  await sent.done
}

function pattern(rank: number): Uint8Array {
  const data = new Uint8Array(BYTES)
  for (let i = 0; i < BYTES; i++) data[i] = i * 31 + rank * 17 + (i >> 12)
  return data
}

function firstDifference(data: Uint8Array, right: Uint8Array): number {
  return Buffer.compare(data, right) === 0 ? -1 : data.findIndex((byte, i) => byte !== right[i])
}

/** What each rank says, at all. */
async function told(world: Communicator, line: string): Promise<string[]> {
  const room = new Uint8Array(LINE_BYTES)
  room.set(Buffer.from(line).subarray(0, LINE_BYTES))
  const all = await world.allgather(room)
  return Array.from({ length: world.size }, (_, rank) =>
    Buffer.from(all.subarray(rank * LINE_BYTES, (rank + 1) * LINE_BYTES))
      .toString()
      .replace(/\0+$/, ''),
  )
}
